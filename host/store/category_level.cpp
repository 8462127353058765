#include "host/store/order_log.hpp"

namespace nextbest {

std::span<const Code> Catalogue::category_codes() const {
  constexpr std::size_t kFewestItems = 4;
  for (std::size_t level = category.size(); level-- > 0;)
    if (level == 0 || category[level].names.size() * kFewestItems <= category[level].code.size())
      return category[level].code;
  return {};
}

std::span<const Code> Catalogue::department_codes() const {
  if (category.empty() || category_codes().data() == category.front().code.data()) return {};
  return category.front().code;
}

}  // namespace nextbest
