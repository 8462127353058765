#include <cmath>

#include "kernels/cuda/device/unroll.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/row_systems.cuh"
#include "kernels/ops/solve_rows.hpp"

namespace nextbest::cuda {
namespace {

constexpr int kThreads = 128;
constexpr int kMost = kDualRowLimit;  // entries of a row; those that are not there are zeros of weight 1
constexpr int kRowLanes = 8;          // of a warp, for one row
constexpr int kWarpRows = kWarpSize / kRowLanes;

// The sum over the eight lanes of a row, in each of them.
__device__ float row_sum(float value) {
  for (int step = kRowLanes / 2; step > 0; step /= 2) value += __shfl_xor_sync(kWholeWarp, value, step);
  return value;
}

struct DualRow {
  const uint4* vector[kMost];  // null behind the last entry
  float inverse_weight[kMost];
  float ridge;
};

__device__ DualRow read_row(const DeviceSystems& s, Offset row, int n) {
  const Offset begin = s.ratings.indptr[row];
  DualRow out;
  double weight = 0;
  NEXTBEST_UNROLL
  for (int j = 0; j < kMost; ++j) {
    const bool some = j < n;
    const float c = some && s.ratings.values != nullptr ? s.ratings.values[begin + j] : 1.0f;
    out.vector[j] = some ? s.factors + Offset{s.ratings.indices[begin + j]} * s.quads : nullptr;
    out.inverse_weight[j] = 1.0f / c;
    weight += some ? static_cast<double>(c) : 0.0;
  }
  const double frequency = s.constant + weight;
  out.ridge = static_cast<float>(s.regularization * (s.exponent == 1 ? frequency : pow(frequency, s.exponent)));
  return out;
}

__device__ std::uint32_t pair_of(const uint4* vector, int pair) {
  return vector == nullptr ? 0 : reinterpret_cast<const std::uint32_t*>(vector)[pair];
}

// 1 / D; 0 where there is no dimension.
__device__ float inverse_at(const DeviceSystems& s, float ridge, int k) {
  return k < s.dim ? 1.0f / (s.dense[k] + ridge) : 0.0f;
}

// The upper triangle of H D^-1 H^T. Each lane takes every eighth pair of dimensions.
__device__ void build_kernel(const DeviceSystems& s, const DualRow& row, float (&k)[kMost][kMost]) {
  NEXTBEST_UNROLL
  for (int i = 0; i < kMost; ++i) {
    NEXTBEST_UNROLL
    for (int j = i; j < kMost; ++j) k[i][j] = 0;
  }
  for (int p = lane_of_thread() % kRowLanes; p < s.pairs(); p += kRowLanes) {
    const float even = inverse_at(s, row.ridge, 2 * p), odd = inverse_at(s, row.ridge, 2 * p + 1);
    std::uint32_t h[kMost];
    NEXTBEST_UNROLL
    for (int j = 0; j < kMost; ++j) h[j] = pair_of(row.vector[j], p);
    NEXTBEST_UNROLL
    for (int i = 0; i < kMost; ++i) {
      const float low = lower_half(h[i]) * even, high = upper_half(h[i]) * odd;
      NEXTBEST_UNROLL
      for (int j = i; j < kMost; ++j) {
        k[i][j] = fmaf(low, lower_half(h[j]), k[i][j]);
        k[i][j] = fmaf(high, upper_half(h[j]), k[i][j]);
      }
    }
  }
  NEXTBEST_UNROLL
  for (int i = 0; i < kMost; ++i) {
    NEXTBEST_UNROLL
    for (int j = i; j < kMost; ++j) k[i][j] = row_sum(k[i][j]);
  }
}

// y with (K + C^-1) y = 1, by K + C^-1 = L diag(pivots) L^T in the upper triangle. What is left of the diagonal of K is
// never negative but for rounding, so a pivot does not fall below 1 / c.
__device__ void solve_kernel(const DualRow& row, float (&k)[kMost][kMost], float (&y)[kMost]) {
  NEXTBEST_UNROLL
  for (float& x : y) x = 1;
  NEXTBEST_UNROLL
  for (int j = 0; j < kMost; ++j) {
    const float inverse_pivot = 1.0f / ((k[j][j] < 0 ? 0 : k[j][j]) + row.inverse_weight[j]);
    NEXTBEST_UNROLL
    for (int i = j + 1; i < kMost; ++i) {
      const float factor = k[j][i] * inverse_pivot;
      NEXTBEST_UNROLL
      for (int l = i; l < kMost; ++l) k[i][l] = fmaf(-factor, k[j][l], k[i][l]);
      y[i] = fmaf(-factor, y[j], y[i]);
    }
    NEXTBEST_UNROLL
    for (int i = j + 1; i < kMost; ++i) k[j][i] *= inverse_pivot;
    y[j] *= inverse_pivot;
  }
  NEXTBEST_UNROLL
  for (int j = kMost - 2; j >= 0; --j) {
    NEXTBEST_UNROLL
    for (int i = j + 1; i < kMost; ++i) y[j] = fmaf(-k[j][i], y[i], y[j]);
  }
}

// w = D^-1 sum y_j h_j to out. Returns whether the lane's part is finite.
__device__ bool store_row(const DeviceSystems& s, const DualRow& row, const float (&y)[kMost], float* out) {
  bool finite = true;
  for (int p = lane_of_thread() % kRowLanes; p < s.pairs(); p += kRowLanes) {
    float even = 0, odd = 0;
    NEXTBEST_UNROLL
    for (int j = 0; j < kMost; ++j) {
      const std::uint32_t h = pair_of(row.vector[j], p);
      even = fmaf(lower_half(h), y[j], even);
      odd = fmaf(upper_half(h), y[j], odd);
    }
    even *= inverse_at(s, row.ridge, 2 * p);
    odd *= inverse_at(s, row.ridge, 2 * p + 1);
    if (2 * p < s.dim) out[2 * p] = even;
    if (2 * p + 1 < s.dim) out[2 * p + 1] = odd;
    finite = finite && std::isfinite(even) && std::isfinite(odd);
  }
  return finite;
}

// Warp: four rows at a time, eight lanes for each. Lane: every eighth pair of dimensions of its row, and all of the
// dual, in registers. Result: out.
__global__ void __launch_bounds__(kThreads) dual_kernel(DeviceSystems s, const Code* rows, Offset count) {
  const Offset groups = static_cast<Offset>(gridDim.x) * (kThreads / kRowLanes);
  const Offset first = (static_cast<Offset>(blockIdx.x) * kThreads + threadIdx.x) / kRowLanes;
  for (Offset base = first / kWarpRows * kWarpRows; base < count; base += groups) {  // the whole warp goes on together
    const Offset at = base + first % kWarpRows;
    const bool some = at < count;
    const Offset number = some ? rows[at] : 0;
    const int n = some ? static_cast<int>(s.ratings.indptr[number + 1] - s.ratings.indptr[number]) : 0;
    const DualRow row = read_row(s, number, n);
    float k[kMost][kMost], y[kMost];
    build_kernel(s, row, k);
    solve_kernel(row, k, y);
    if (!some) continue;
    float* out = s.out + number * s.dim;
    if (n == 0)
      for (Offset d = lane_of_thread() % kRowLanes; d < s.dim; d += kRowLanes) out[d] = 0;
    else if (!store_row(s, row, y, out))
      report_row(s, number);
  }
}

}  // namespace

void solve_dual(const Stream& stream, const DeviceSystems& systems, std::span<const Code> rows) {
  if (rows.empty()) return;
  const Buffer<Code> on_device = to_device(stream, rows);
  const Offset count = static_cast<Offset>(rows.size());
  launch(stream, "dual_kernel", for_elements(device_limits(stream), count * kRowLanes, kThreads), dual_kernel, systems,
         on_device.data(), count);
}

}  // namespace nextbest::cuda
