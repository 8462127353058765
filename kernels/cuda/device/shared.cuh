#pragma once

#include <cuda_runtime.h>

namespace nextbest::cuda {

/// Shared memory is declared as `__shared__ Shared<float[32][33]> tile;` and, where its size is not known before the
/// launch, found by dynamic_shared<T>(). With nvcc that is CUDA's own; the emulator puts the memory of every block in a
/// place of its own.
#ifdef __CUDACC__
template <class T>
using Shared = T;

template <class T>
__device__ T* dynamic_shared() {
  extern __shared__ __align__(16) unsigned char bytes[];
  return reinterpret_cast<T*>(bytes);
}

/// Reads what other threads change by atomic operations at the same time.
__device__ inline unsigned peek(const unsigned* address) {
  return *static_cast<const volatile unsigned*>(address);
}
#else
using simt::dynamic_shared;
using simt::peek;
using simt::Shared;
#endif

}  // namespace nextbest::cuda
