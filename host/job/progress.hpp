#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace nextbest {

/// "1234" as people read it: 987, 12.3 k, 4.56 M, 7.89 G.
std::string short_number(double value);
/// Seconds as people read them: 0.42 s, 12.3 s, 3:07, 1:02:03.
std::string short_seconds(double seconds);

/// How far a piece of work is, how fast it goes, and how long it still takes.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;
  /// A new unit, a new total or a step back starts a new piece of work.
  void update(std::int64_t done, std::int64_t of, std::string_view unit, Clock::time_point now);

  std::int64_t done() const { return done_; }
  std::int64_t of() const { return of_; }
  const std::string& unit() const { return unit_; }
  double rate() const;               ///< units per second since the work began; 0 = not known yet
  double remaining_seconds() const;  ///< negative = not known
  /// One line without its end: stage, bar, share, rate, remaining time.
  std::string bar(const std::string& stage) const;

 private:
  std::int64_t done_ = 0, of_ = -1, first_ = 0;
  std::string unit_;
  Clock::time_point began_{}, last_{};
};

}  // namespace nextbest
