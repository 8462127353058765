#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

}  // namespace nextbest::cuda
