#include "host/ingest/raw_lines.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "kernels/core/parallel.hpp"

namespace nextbest {

void NameCounts::add(Offset item, std::string_view name) {
  if (name.empty()) return;
  const auto code = static_cast<std::uint64_t>(names_.add_text(name));
  ++counts_[(static_cast<std::uint64_t>(item) << 32) | code];
}

std::vector<std::string> NameCounts::best(Offset items) const {
  std::vector<std::string> best(counts_.empty() ? 0 : static_cast<std::size_t>(items));
  std::vector<std::int64_t> best_count(best.size());
  for (const auto& [key, count] : counts_) {
    const auto item = static_cast<std::size_t>(key >> 32);
    std::string name = names_.text(static_cast<Offset>(key & 0xffffffffU));
    if (count > best_count[item] || (count == best_count[item] && name < best[item])) {
      best_count[item] = count;
      best[item] = std::move(name);
    }
  }
  return best;
}

std::size_t RawLines::file_of(std::int64_t line) const {
  const auto next = std::upper_bound(files.begin(), files.end(), line,
                                     [](std::int64_t l, const FileSpan& file) { return l < file.first_line; });
  return static_cast<std::size_t>(next - files.begin()) - 1;
}

std::int64_t RawLines::row_of(std::int64_t line) const {
  const FileSpan& file = files[file_of(line)];
  std::int64_t row = line - file.first_line;
  for (const std::int64_t skipped : file.skipped_rows) row += skipped <= row ? 1 : 0;
  return row;
}

void RawLines::find_orders(const IdEncoder* catalogue_items, const Context& ctx) {
  const std::array<std::function<void()>, 3> sort = {[&] { order_order = orders.order(); },
                                                     [&] { customer_order = customers.order(); },
                                                     [&] { item_order = items.order(catalogue_items); }};
  parallel_for(ctx, std::ssize(sort), 1, [&](std::int64_t i, std::int64_t, int) { sort[i](); });
  for (IdEncoder* encoder : {&items, &customers, &orders}) encoder->forget_lookup();
  std::vector<std::string> by_provisional = names.best(items.size());
  item_names.resize(by_provisional.size());
  for (std::size_t code = 0; code < by_provisional.size(); ++code) {
    item_names[item_order.rank[code]] = std::move(by_provisional[code]);
  }
}

}  // namespace nextbest
