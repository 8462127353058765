#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "kernels/core/context.hpp"
#include "kernels/core/devices.hpp"
#include "kernels/core/error.hpp"

namespace nextbest::bench {

/// All cores, and the GPU where NEXTBEST_DEVICE=cuda asks for it.  @throws UsageError
inline Context asked_context() {
  const char* asked = std::getenv("NEXTBEST_DEVICE");
  const std::string device = asked == nullptr ? "cpu" : asked;
  if (device != "cpu" && device != "cuda") throw UsageError("NEXTBEST_DEVICE=" + device + ": there are cpu and cuda");
  Context ctx;
  if (device == "cuda") ctx.device = Device::kCuda;
  ctx.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  return ctx;
}

/// What a benchmark's main() returns: that of work(), or the exit code of what went wrong, which is said. The device
/// that is asked for has to be there before work() begins.
template <class Work>
int run_and_explain(const char* program, const Work& work) {
  ExitCode code = ExitCode::kInternal;
  try {
    require_device(asked_context().device);
    return work();
  } catch (const Error& error) {
    std::fprintf(stderr, "%s: %s\n", program, error.what());
    code = error.exit_code();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", program, error.what());
  }
  return static_cast<int>(code);
}

}  // namespace nextbest::bench
