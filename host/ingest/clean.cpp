#include "host/ingest/clean.hpp"

#include <algorithm>
#include <array>

#include "host/ingest/glob.hpp"

namespace nextbest {
namespace {

/// Notes, and where `drop` says so drops, every line left for which `matches` holds.
template <typename Matches>
Found sweep(RawLines& raw, const char* rule, bool drop, const Matches& matches) {
  Found found{rule, drop ? "dropped" : "kept", 0, {}};
  for (std::int64_t line = 0; line < raw.lines(); ++line) {
    if (raw.dropped[line] || !matches(line)) continue;
    found.note(line);
    raw.dropped[line] = drop;
  }
  return found;
}

}  // namespace

Found find_repeated_orders(RawLines& raw, bool drop) {
  if (!raw.has_orders || raw.files.size() < 2) return {"repeated_orders", "kept", 0, {}};
  std::vector<std::int32_t> first_file(static_cast<std::size_t>(raw.orders.size()), -1);
  std::vector<std::int32_t> file_of_line(static_cast<std::size_t>(raw.lines()));
  for (std::size_t file = 0; file < raw.files.size(); ++file) {
    const std::int64_t end = file + 1 < raw.files.size() ? raw.files[file + 1].first_line : raw.lines();
    for (std::int64_t line = raw.files[file].first_line; line < end; ++line) {
      file_of_line[line] = static_cast<std::int32_t>(file);
      if (first_file[raw.order[line]] < 0) first_file[raw.order[line]] = static_cast<std::int32_t>(file);
    }
  }
  return sweep(raw, "repeated_orders", drop,
               [&](std::int64_t line) { return file_of_line[line] != first_file[raw.order[line]]; });
}

Found drop_homeless_lines(RawLines& raw) {
  if (raw.has_orders) return {"lines_without_customer", "dropped", 0, {}};
  return sweep(raw, "lines_without_customer", true,
               [&](std::int64_t line) { return raw.customer_of(line) == kNoCode; });
}

Found drop_future(RawLines& raw, Micros now) {
  if (raw.time.empty() || now == kNoTime) return {"future_timestamps", "dropped", 0, {}};
  return sweep(raw, "future_timestamps", true,
               [&](std::int64_t line) { return raw.time[line] > now && raw.split_of(line) != Split::kTest; });
}

Found drop_after(RawLines& raw, Micros as_of) {
  if (raw.time.empty() || as_of == kNoTime) return {"after_as_of", "dropped", 0, {}};
  return sweep(raw, "after_as_of", true,
               [&](std::int64_t line) { return raw.time[line] > as_of && raw.split_of(line) != Split::kTest; });
}

Found drop_not_products(RawLines& raw, const std::vector<std::string>& patterns) {
  std::vector<bool> is_product(static_cast<std::size_t>(raw.items.size()), true);
  for (Offset code = 0; code < raw.items.size() && !patterns.empty(); ++code) {
    const std::string id = raw.items.text(raw.item_order.ascending[code]);
    is_product[code] = std::none_of(patterns.begin(), patterns.end(),
                                    [&](const std::string& pattern) { return wildcard_match(pattern, id); });
  }
  return sweep(raw, "not_products", true, [&](std::int64_t line) { return !is_product[raw.item[line]]; });
}

Found find_zero_price(RawLines& raw, bool drop) {
  if (raw.money.empty()) return {"zero_price", "kept", 0, {}};
  return sweep(raw, "zero_price", drop, [&](std::int64_t line) { return raw.money[line] == 0; });
}

Found find_bulk_customers(RawLines& raw, bool drop) {
  constexpr std::int64_t kFewLines = 1000, kTimes = 10;
  std::vector<std::int64_t> lines_of(static_cast<std::size_t>(raw.customers.size()));
  for (std::int64_t line = 0; line < raw.lines(); ++line) {
    if (!raw.dropped[line] && raw.customer_of(line) != kNoCode) ++lines_of[raw.customer_of(line)];
  }
  std::vector<std::int64_t> sorted = lines_of;
  std::erase(sorted, 0);
  if (sorted.empty()) return {"bulk_customers", "kept", 0, {}};
  const std::size_t rank = (sorted.size() * 99 + 99) / 100 - 1;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(rank), sorted.end());
  const std::int64_t limit = std::max(kFewLines, kTimes * sorted[rank]);
  return sweep(raw, "bulk_customers", drop, [&](std::int64_t line) {
    return raw.customer_of(line) != kNoCode && lines_of[raw.customer_of(line)] > limit;
  });
}

std::vector<RuleFinding> find_volume_drop(const RawLines& raw) {
  constexpr std::size_t kWeeks = 8;
  constexpr Micros kWeek = 7 * kMicrosPerDay;
  Micros first = kNoTime, last = kNoTime;
  const auto counts = [&](std::int64_t line) { return !raw.dropped[line] && raw.split_of(line) != Split::kTest; };
  for (std::int64_t line = 0; line < raw.lines() && !raw.time.empty(); ++line) {
    if (!counts(line)) continue;
    if (last == kNoTime) first = last = raw.time[line];
    first = std::min(first, raw.time[line]);
    last = std::max(last, raw.time[line]);
  }
  if (last == kNoTime || last - first < static_cast<Micros>(kWeeks + 1) * kWeek) return {};
  std::array<std::int64_t, kWeeks + 1> lines_of_week{};
  for (std::int64_t line = 0; line < raw.lines(); ++line) {
    const Micros age = last - raw.time[line];
    if (counts(line) && age < static_cast<Micros>(kWeeks + 1) * kWeek)
      ++lines_of_week[static_cast<std::size_t>(age / kWeek)];
  }
  std::sort(lines_of_week.begin() + 1, lines_of_week.end());
  const double median = static_cast<double>(lines_of_week[kWeeks / 2] + lines_of_week[kWeeks / 2 + 1]) / 2;
  const double share = median == 0 ? 0.0 : std::max(0.0, 1.0 - static_cast<double>(lines_of_week[0]) / median);
  if (share == 0) return {};
  return {{"volume_drop", "counted", lines_of_week[0], share, {}}};
}

}  // namespace nextbest
