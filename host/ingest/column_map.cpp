#include "host/ingest/column_map.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "kernels/core/error.hpp"
#include "kernels/core/nearest.hpp"

namespace nextbest {

const std::vector<std::string>& order_columns() {
  static const std::vector<std::string> columns = {
      "order_id",  "customer_id",       "item_id", "ordered_at", "quantity", "unit_price", "line_value",  "unit_cost",
      "item_name", "returned_quantity", "split",   "is_gift",    "channel",  "region",     "delivered_at"};
  return columns;
}

const std::vector<std::string>& item_columns() {
  static const std::vector<std::string> columns = {"item_id", "name", "brand", "family",      "size",
                                                   "price",   "cost", "stock", "launched_at", "discontinued_at"};
  return columns;
}

const MappedColumn* find_column(const std::vector<MappedColumn>& columns, const std::string& ours) {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.ours == ours; });
  return found == columns.end() ? nullptr : &*found;
}

std::vector<MappedColumn> map_columns(const std::map<std::string, std::string>& mapping,
                                      const std::vector<std::string>& known, const FoundFile& file,
                                      const TableReader& reader, const std::string& section) {
  std::vector<std::string> names;
  for (const TableColumn& column : reader.columns()) names.push_back(column.name);
  const std::size_t in_file = names.size();
  for (const auto& partition : file.partitions) names.push_back(partition.first);

  std::vector<std::string> wanted = known;
  for (const auto& entry : mapping) {
    if (std::find(wanted.begin(), wanted.end(), entry.first) == wanted.end()) wanted.push_back(entry.first);
  }
  std::vector<MappedColumn> columns;
  for (const std::string& ours : wanted) {
    const auto mapped = mapping.find(ours);
    const std::string& yours = mapped == mapping.end() || mapped->second.empty() ? ours : mapped->second;
    const auto found = std::find(names.begin(), names.end(), yours);
    if (found == names.end()) {
      if (mapped == mapping.end() && ours != "item_id") continue;
      throw DataError(fmt::format("{}: there is no column \"{}\"{} It has {}. Set [{}.columns] {} = \"...\"", file.path,
                                  yours, did_you_mean(yours, names).empty() ? "." : did_you_mean(yours, names),
                                  quoted_list(names), section, ours));
    }
    const auto place = static_cast<std::size_t>(found - names.begin());
    if (place < in_file && std::count(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(in_file), yours) > 1) {
      throw DataError(
          fmt::format("{}: the column \"{}\" is there more than once; rename one of them", file.path, yours));
    }
    columns.push_back({ours, yours, place >= in_file});
  }
  return columns;
}

}  // namespace nextbest
