#pragma once

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "kernels/core/context.hpp"

namespace nextbest::bench {

/// All cores, and the GPU where NEXTBEST_DEVICE=cuda asks for it.
inline Context asked_context() {
  const char* device = std::getenv("NEXTBEST_DEVICE");
  Context ctx;
  if (device != nullptr && std::string_view(device) == "cuda") ctx.device = Device::kCuda;
  ctx.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  return ctx;
}

}  // namespace nextbest::bench
