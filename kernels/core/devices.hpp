#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/core/context.hpp"

namespace nextbest::cuda {

/// A GPU that can be used.
struct Gpu {
  std::string name;
  std::int64_t memory_bytes;
  int major, minor;  ///< compute capability
};

/// Releases of CUDA as "13.0": the newest that the driver supports, and that of the runtime in this program. Empty
/// where there is none.
struct Versions {
  std::string driver;
  std::string runtime;
};

/// Whether this program has CUDA kernels at all.
bool is_built();
std::vector<Gpu> devices();
Versions versions();

/// Operations hold no more device memory at a time than so much in all; where they would like more they take their
/// rows in smaller pieces. 0: no limit but the device's.
void limit_device_memory(std::int64_t bytes);
/// The most device memory that operations held at a time since the last reset; libraries' own workspaces aside.
std::int64_t peak_device_bytes();
void reset_peak_device_bytes();

}  // namespace nextbest::cuda

namespace nextbest {

/// Whether work can be given to the device; to be asked before any work begins.
/// @throws BackendNotBuilt, DeviceUnavailable saying what to do
void require_device(Device device);

}  // namespace nextbest
