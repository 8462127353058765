#include <algorithm>
#include <span>

#include "kernels/cuda/buffer.hpp"
#include "kernels/cuda/device/shared.cuh"
#include "kernels/cuda/device/warp.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/sum.hpp"

namespace nextbest::cuda {
namespace {

constexpr int kThreads = 256, kWarps = kThreads / kWarpSize;
constexpr Offset kBlocks = 256;  // fixed: with another number the roundings would differ

// Block: every gridDim-th stretch of kThreads values. Thread: one value of each. Result: out [blocks], a sum per block.
__global__ void __launch_bounds__(kThreads) sum_kernel(const double* values, Offset size, double* out) {
  __shared__ Shared<double[kWarps]> of_warp;
  double sum = 0;
  for_each_index(size, [&](Offset i) { sum += values[i]; });
  sum = warp_sum(sum);
  if (lane_of_thread() == 0) of_warp[threadIdx.x / kWarpSize] = sum;
  __syncthreads();  // all warps' sums are there
  if (threadIdx.x != 0) return;
  double total = 0;
  for (int w = 0; w < kWarps; ++w) total += of_warp[w];
  out[blockIdx.x] = total;
}

}  // namespace

double sum_on_device(const Stream& stream, const double* values, Offset size) {
  if (size == 0) return 0;
  const Offset blocks = std::min(kBlocks, (size + kThreads - 1) / kThreads);
  const Buffer<double> of_block(stream, blocks), all(stream, 1);
  launch(stream, "sum_kernel", {blocks, kThreads, 0}, sum_kernel, values, size, of_block.data());
  launch(stream, "sum_kernel", {1, kThreads, 0}, sum_kernel, of_block.data(), blocks, all.data());
  double sum = 0;
  to_host(stream, all.data(), std::span(&sum, 1));
  stream.synchronize();
  return sum;
}

}  // namespace nextbest::cuda
