#include "host/ingest/clean.hpp"

#include <algorithm>
#include <array>

namespace nextbest {
namespace {

/// Calls visit(time, lines) for all lines that are not test lines.
template <typename Visit>
void for_each_time(const OrderLog& log, const std::vector<Micros>& merged_times, const Visit& visit) {
  for (Offset basket = 0; basket < log.baskets() && !log.basket_time.empty(); ++basket) {
    if (!log.basket_split.empty() && log.basket_split[basket] == Split::kTest) continue;
    const Offset begin = log.basket_offset[basket], end = log.basket_offset[basket + 1];
    if (log.line_time.empty()) {
      visit(log.basket_time[basket], end - begin);
    } else {
      for (Offset line = begin; line < end; ++line) visit(log.line_time[line], std::int64_t{1});
    }
  }
  for (const Micros time : merged_times) visit(time, std::int64_t{1});
}

}  // namespace

std::int64_t bulk_limit(const std::vector<std::int64_t>& lines_of_customer) {
  constexpr std::int64_t kTimes = 10;
  std::vector<std::int64_t> sorted = lines_of_customer;
  std::erase(sorted, 0);
  if (sorted.empty()) return kFewestBulkLines;
  const std::size_t rank = (sorted.size() * 99 + 99) / 100 - 1;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(rank), sorted.end());
  return std::max(kFewestBulkLines, kTimes * sorted[rank]);
}

std::vector<RuleFinding> find_volume_drop(const OrderLog& log, const std::vector<Micros>& merged_times) {
  constexpr std::size_t kWeeks = 8;
  constexpr Micros kWeek = 7 * kMicrosPerDay;
  Micros first = kNoTime, last = kNoTime;
  for_each_time(log, merged_times, [&](Micros time, std::int64_t) {
    first = last == kNoTime ? time : std::min(first, time);
    last = std::max(last, time);
  });
  if (last == kNoTime || last - first < static_cast<Micros>(kWeeks + 1) * kWeek) return {};
  std::array<std::int64_t, kWeeks + 1> lines_of_week{};
  for_each_time(log, merged_times, [&](Micros time, std::int64_t lines) {
    const Micros age = last - time;
    if (age < static_cast<Micros>(kWeeks + 1) * kWeek) lines_of_week[static_cast<std::size_t>(age / kWeek)] += lines;
  });
  std::sort(lines_of_week.begin() + 1, lines_of_week.end());
  const double median = static_cast<double>(lines_of_week[kWeeks / 2] + lines_of_week[kWeeks / 2 + 1]) / 2;
  const double share = median == 0 ? 0.0 : std::max(0.0, 1.0 - static_cast<double>(lines_of_week[0]) / median);
  if (share == 0) return {};
  return {{"volume_drop", "counted", lines_of_week[0], share, {}}};
}

}  // namespace nextbest
