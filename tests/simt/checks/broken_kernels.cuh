#pragma once

#include <vector>

#include "kernels/cuda/buffer.hpp"
#include "kernels/cuda/device/shared.cuh"
#include "kernels/cuda/launch.cuh"

// Small kernels, each with the fault that its name tells when kBroken, and without it otherwise. Blocks have 64
// threads.
namespace nextbest::test {

using cuda::Shared;
inline constexpr int kThreads = 64;
inline constexpr unsigned kAll = 0xFFFFFFFF;

// data reversed. Broken: the barrier between writing and reading is missing.
template <bool kBroken>
__global__ void missing_barrier_kernel(int* data) {
  __shared__ Shared<int[kThreads]> copy;
  const int t = static_cast<int>(threadIdx.x);
  copy[t] = data[t];
  if (!kBroken) __syncthreads();  // written before read
  data[t] = copy[kThreads - 1 - t];
}

// data reversed within a warp. Broken: without __syncwarp; a shuffle in between orders no memory.
template <bool kBroken>
__global__ void missing_warp_barrier_kernel(int* data) {
  __shared__ Shared<int[kThreads]> copy;
  const int t = static_cast<int>(threadIdx.x);
  copy[t] = data[t];
  if (!kBroken) __syncwarp();  // written before read
  data[t] = copy[t ^ 31];
}

__device__ inline int block_sum(int value, int* sums, bool with_barrier) {
  for (int step = 16; step > 0; step /= 2) value += __shfl_down_sync(kAll, value, step);
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = value;
  __syncthreads();  // all sums are there
  const int sum = sums[0] + sums[1];
  if (with_barrier) __syncthreads();  // all have read before the next sums are written
  return sum;
}

// data[t] = sum of data + 1000 * sum of squares. Broken: the second reduction overwrites what some still read.
template <bool kBroken>
__global__ void second_reduction_kernel(int* data) {
  __shared__ Shared<int[2]> sums;
  const int value = data[threadIdx.x];
  const int sum = block_sum(value, sums, !kBroken);
  data[threadIdx.x] = sum + 1000 * block_sum(value * value, sums, true);
}

// data[0] = sum of data. Broken: the sum is never set to 0.
template <bool kBroken>
__global__ void uninitialised_shared_kernel(int* data) {
  __shared__ Shared<int[1]> sum;
  if (!kBroken && threadIdx.x == 0) sum[0] = 0;
  __syncthreads();  // 0 before it is added to
  atomicAdd(&sum[0], data[threadIdx.x]);
  __syncthreads();  // complete before it is read
  if (threadIdx.x == 0) data[0] = sum[0];
}

// Broken: the halves of the block wait at two different barriers.
template <bool kBroken>
__global__ void divergent_barrier_kernel(int* data) {
  if (!kBroken || threadIdx.x < 32) {
    __syncthreads();
  } else {
    data[threadIdx.x] = 0;
    __syncthreads();
  }
}

// Broken: one thread leaves before the barrier.
template <bool kBroken>
__global__ void early_exit_kernel(int* data) {
  if (kBroken && threadIdx.x == 5) return;
  __syncthreads();
  data[threadIdx.x] += 0;
}

// Broken: a mask that leaves out lanes which take part.
template <bool kBroken>
__global__ void narrow_mask_kernel(int* data) {
  data[threadIdx.x] = __shfl_xor_sync(kBroken ? 0xFFFF : kAll, data[threadIdx.x], 1);
}

// Broken: a mask that names lanes which do not take part.
template <bool kBroken>
__global__ void wide_mask_kernel(int* data) {
  if (threadIdx.x % 32 < 16) data[threadIdx.x] = __shfl_xor_sync(kBroken ? kAll : 0xFFFF, data[threadIdx.x], 1);
}

// Broken: a lane reads from one outside the mask.
template <bool kBroken>
__global__ void foreign_lane_kernel(int* data) {
  if (threadIdx.x % 32 < 16) data[threadIdx.x] = __shfl_sync(0xFFFF, data[threadIdx.x], kBroken ? 16 : 15);
}

// data[0] = sum of data. Broken: += where atomicAdd belongs.
template <bool kBroken>
__global__ void plain_add_kernel(int* data) {
  __shared__ Shared<int[1]> sum;
  if (threadIdx.x == 0) sum[0] = 0;
  __syncthreads();  // 0 before it is added to
  if (kBroken)
    sum[0] += data[threadIdx.x];
  else
    atomicAdd(&sum[0], data[threadIdx.x]);
  __syncthreads();  // complete before it is read
  if (threadIdx.x == 0) data[0] = sum[0];
}

// Every block writes into its own place. Broken: all into the first.
template <bool kBroken>
__global__ void blocks_kernel(int* data) {
  if (threadIdx.x == 0) data[kBroken ? 0 : blockIdx.x] = static_cast<int>(blockIdx.x);
}

// Broken: one element behind the shared array is written; its neighbour in the source is another array.
template <bool kBroken>
__global__ void shared_bounds_kernel(int* data) {
  __shared__ Shared<int[kThreads]> copy;
  __shared__ Shared<int[kThreads]> neighbour;
  const int t = static_cast<int>(threadIdx.x);
  int* start = copy;
  neighbour[t] = data[t];
  start[t + (kBroken ? 1 : 0)] = data[t];
  __syncthreads();  // written before read
  data[t] = start[kThreads - 1 - t] + neighbour[t];
}

// Broken: one element behind the dynamic shared memory of kThreads integers is written.
template <bool kBroken>
__global__ void dynamic_bounds_kernel(int* data) {
  int* copy = cuda::dynamic_shared<int>();
  copy[threadIdx.x + (kBroken ? 1 : 0)] = data[threadIdx.x];
}

// Broken: one element behind the buffer is read.
template <bool kBroken>
__global__ void global_bounds_kernel(int* data) {
  data[threadIdx.x] = data[threadIdx.x + (kBroken ? 1 : 0)];
}

// Broken: one element behind the buffer is written.
template <bool kBroken>
__global__ void global_write_kernel(int* data) {
  data[threadIdx.x + (kBroken ? 1 : 0)] = 1;
}

/// What `kernel`, run by `blocks` blocks of 64 threads with 64 integers of dynamic shared memory, makes of 0 .. 63.
inline std::vector<int> run_kernel(void (*kernel)(int*), Offset blocks = 1, int threads = kThreads) {
  std::vector<int> data(kThreads);
  for (int i = 0; i < kThreads; ++i) data[i] = i;
  const cuda::Stream stream("check");
  const auto device = cuda::to_device(stream, std::span<const int>(data));
  cuda::launch(stream, "broken_kernel", {blocks, threads, kThreads * sizeof(int)}, kernel, device.data());
  cuda::to_host(stream, device.data(), std::span(data));
  stream.synchronize();
  return data;
}

}  // namespace nextbest::test
