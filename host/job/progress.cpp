#include "host/job/progress.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace nextbest {

std::string short_number(double value) {
  if (value < 1000) return fmt::format("{:.0f}", value);
  const char* unit = "";
  for (const char* next : {" k", " M", " G", " T"}) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return fmt::format("{:.{}f}{}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0, unit);
}

std::string short_seconds(double seconds) {
  if (seconds < 10) return fmt::format("{:.2f} s", seconds);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(seconds);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

void Progress::update(std::int64_t done, std::int64_t of, std::string_view unit, Clock::time_point now) {
  if (unit != unit_ || of != of_ || done < done_) {
    unit_ = unit;
    of_ = of;
    first_ = done;
    began_ = now;
  }
  done_ = done;
  last_ = now;
}

double Progress::rate() const {
  const double seconds = std::chrono::duration<double>(last_ - began_).count();
  return seconds > 0 ? static_cast<double>(done_ - first_) / seconds : 0;
}

double Progress::remaining_seconds() const {
  const double speed = rate();
  return of_ > 0 && speed > 0 ? static_cast<double>(std::max<std::int64_t>(of_ - done_, 0)) / speed : -1;
}

std::string Progress::bar(const std::string& stage) const {
  std::string line = fmt::format("{:<10}", stage);
  if (of_ > 0) {
    constexpr int kWidth = 24;
    const double share = std::clamp(static_cast<double>(done_) / static_cast<double>(of_), 0.0, 1.0);
    const int full = static_cast<int>(share * kWidth);
    line += fmt::format("[{}{}] {:3.0f} %", std::string(full, '='), std::string(kWidth - full, ' '), share * 100);
  } else {
    line += short_number(static_cast<double>(done_)) + " " + unit_;
  }
  if (rate() > 0) line += fmt::format("  {} {}/s", short_number(rate()), unit_);
  if (remaining_seconds() >= 0) line += "  " + short_seconds(remaining_seconds()) + " left";
  return line;
}

}  // namespace nextbest
