#pragma once

#include <chrono>
#include <ctime>

#include <nlohmann/json.hpp>

namespace nextbest::bench {

/// What benchmarks/peers/clock.py is for the peers: wall seconds, and processor seconds of all threads together.
class Clock {
 public:
  nlohmann::json taken() const {
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - wall_;
    return {{"seconds", wall.count()}, {"cpu_seconds", static_cast<double>(std::clock() - cpu_) / CLOCKS_PER_SEC}};
  }

 private:
  std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
  std::clock_t cpu_ = std::clock();
};

}  // namespace nextbest::bench
