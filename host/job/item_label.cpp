#include "host/job/item_label.hpp"

namespace nextbest {

std::string item_label(const OrderLog& log, Code item) {
  const std::string id = log.items.text(item);
  if (log.catalogue.name.empty() || log.catalogue.name[item].empty()) return id;
  return log.catalogue.name[item] + " (" + id + ")";
}

}  // namespace nextbest
