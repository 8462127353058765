#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace nextbest {

/// Stations that things worked on by several threads pass one at a time and in the order of their numbers, 0, 1, ...
/// Every one has to pass every station, in the same order of stations.
template <int kStations>
class Turns {
 public:
  /// Waits until all before `number` have left the station. False: the work was given up.
  bool wait(int station, std::int64_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return given_up_ || next_[station] == number; });
    return !given_up_;
  }
  void leave(int station) {
    {
      const std::lock_guard lock(mutex_);
      ++next_[station];
    }
    changed_.notify_all();
  }
  /// Nobody waits any longer.
  void give_up() {
    {
      const std::lock_guard lock(mutex_);
      given_up_ = true;
    }
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<std::int64_t, kStations> next_{};
  bool given_up_ = false;
};

}  // namespace nextbest
