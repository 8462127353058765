#pragma once

#include <string>
#include <vector>

namespace nextbest {

namespace cuda {
/// Whether this program has CUDA kernels at all.
bool is_built();
/// The GPUs that can be used, by name; empty where there are none.
std::vector<std::string> device_names();
}  // namespace cuda

}  // namespace nextbest
