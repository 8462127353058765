#include "host/job/time_text.hpp"

#include <chrono>

#include <fmt/format.h>

namespace nextbest {
namespace {

using Days = std::chrono::days;
using SystemDays = std::chrono::sys_days;

/// Whole days and the rest, towards the past.
std::pair<SystemDays, std::int64_t> split_day(Micros time) {
  const auto day =
      std::chrono::floor<Days>(std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(time)));
  return {day, time - std::int64_t{day.time_since_epoch().count()} * kMicrosPerDay};
}

}  // namespace

std::string day_text(Micros time) {
  if (time == kNoTime) return "";
  const std::chrono::year_month_day date(split_day(time).first);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

nlohmann::json time_text(Micros time) {
  if (time == kNoTime) return nullptr;
  const std::int64_t seconds = split_day(time).second / 1'000'000;
  return fmt::format("{}T{:02}:{:02}:{:02}Z", day_text(time), seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace nextbest
