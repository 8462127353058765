#include <cuda_runtime.h>

#include "kernels/core/devices.hpp"

namespace nextbest::cuda {

bool is_built() {
  return true;
}

std::vector<Gpu> devices() {
  std::vector<Gpu> found;
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) count = 0;
  for (int i = 0; i < count; ++i) {
    cudaDeviceProp properties{};
    if (cudaGetDeviceProperties(&properties, i) == cudaSuccess)
      found.push_back(
          {properties.name, static_cast<std::int64_t>(properties.totalGlobalMem), properties.major, properties.minor});
  }
  cudaGetLastError();  // no device is no failure of what comes next
  return found;
}

Versions versions() {
  const auto release = [](cudaError_t (*ask)(int*)) {
    int version = 0;  // 1000 times the major number, 10 times the minor
    if (ask(&version) != cudaSuccess || version == 0) return std::string();
    return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
  };
  const Versions found{release(cudaDriverGetVersion), release(cudaRuntimeGetVersion)};
  cudaGetLastError();
  return found;
}

}  // namespace nextbest::cuda
