#include <cuda_runtime.h>

#include "kernels/core/devices.hpp"

namespace nextbest::cuda {

bool is_built() {
  return true;
}

std::vector<std::string> device_names() {
  std::vector<std::string> names;
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess) devices = 0;
  for (int i = 0; i < devices; ++i) {
    cudaDeviceProp properties{};
    if (cudaGetDeviceProperties(&properties, i) == cudaSuccess) names.emplace_back(properties.name);
  }
  cudaGetLastError();  // no device is no failure of what comes next
  return names;
}

}  // namespace nextbest::cuda
