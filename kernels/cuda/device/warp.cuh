#pragma once

#include <cuda_runtime.h>

namespace nextbest::cuda {

inline constexpr int kWarpSize = 32;
inline constexpr unsigned kWholeWarp = 0xFFFFFFFF;

__device__ inline int lane_of_thread() {
  return static_cast<int>(threadIdx.x) % kWarpSize;
}

/// The sum over all lanes, in every lane, in one fixed order. The whole warp must call it.
template <class T>
__device__ T warp_sum(T value) {
  for (int step = kWarpSize / 2; step > 0; step /= 2) value += __shfl_xor_sync(kWholeWarp, value, step);
  return value;
}

}  // namespace nextbest::cuda
