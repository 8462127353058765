#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include "kernels/core/types.hpp"
#include "kernels/cuda/stream.hpp"

namespace nextbest::cuda {

/// Blocks, threads per block, bytes of dynamic shared memory.
struct LaunchShape {
  Offset blocks = 0;
  int threads = 0;
  std::size_t shared_bytes = 0;
};

/// Starts kernel(arguments...) in the stream; nothing where there are no blocks. Every launch of ours goes through
/// here: it is checked, and it is an ordinary call, which a plain C++ compiler understands too. name  of the kernel,
/// for errors.  @throws CudaError
template <class... Parameters, class... Arguments>
void launch(const Stream& stream, const char* name, const LaunchShape& shape, void (*kernel)(Parameters...),
            Arguments&&... arguments) {
  if (shape.blocks == 0) return;
  constexpr std::size_t kUsualShared = 48 * 1024;  // more has to be asked for; what the kernel declares itself counts
  constexpr std::size_t kMostDeclared = 16 * 1024;
  if (shape.shared_bytes + kMostDeclared > kUsualShared)
    stream.check(
        cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shape.shared_bytes)),
        name);
  cudaLaunchConfig_t config{};
  constexpr Offset kMost = 0xFFFFFFFF;  // CUDA refuses it; wrapping around would hide the mistake
  config.gridDim = dim3(static_cast<unsigned>(std::min(shape.blocks, kMost)));
  config.blockDim = dim3(static_cast<unsigned>(shape.threads));
  config.dynamicSmemBytes = shape.shared_bytes;
  config.stream = stream.get();
  stream.check(cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...), name);
}

/// Enough blocks for one thread per element, but not more than a few per multiprocessor: kernels loop over the rest
/// (for_each_index).
inline LaunchShape for_elements(const DeviceLimits& device, Offset n, int threads = 256) {
  const Offset most = Offset{32} * device.multiprocessors;
  return {std::min(most, (n + threads - 1) / threads), threads, 0};
}

/// Blocks of `threads` threads and so much shared memory that the device runs at a time.
inline Offset resident_blocks(const DeviceLimits& device, int threads, std::size_t shared_bytes) {
  constexpr std::size_t kReserved = 1024;  // which the system takes for each block
  const auto fit = static_cast<Offset>(device.shared_bytes / (shared_bytes + kReserved));
  return device.multiprocessors * std::clamp<Offset>(fit, 1, 2048 / threads);
}

/// use(i) for every i of [0, n), spread over all threads of the grid.
template <class Use>
__device__ void for_each_index(Offset n, Use&& use) {
  const Offset step = static_cast<Offset>(gridDim.x) * blockDim.x;
  for (Offset i = static_cast<Offset>(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += step) use(i);
}

}  // namespace nextbest::cuda
