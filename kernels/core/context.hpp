#pragma once

#include <cstdint>
#include <functional>

namespace nextbest {

enum class Device { kCpu, kCuda };

/// Where and how an operation runs; handed to every operation, kept by none. Results never depend on `threads`.
struct Context {
  Device device = Device::kCpu;
  int threads = 1;                                                   ///< CPU threads, at least 1
  std::function<void(std::int64_t done, std::int64_t of)> progress;  ///< may be empty; called from any thread
  std::function<bool()> cancelled;                                   ///< may be empty; long operations ask now and then
};

}  // namespace nextbest
