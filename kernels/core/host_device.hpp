#pragma once

/// Marks the scalar functions of kernels/math and kernels/core that both the host compiler and nvcc compile.
#ifdef __CUDACC__
#define NEXTBEST_HOST_DEVICE __host__ __device__
#else
#define NEXTBEST_HOST_DEVICE
#endif
