#pragma once

#include <cfloat>
#include <cmath>

#include "kernels/cuda/device/shared.cuh"
#include "kernels/cuda/row_systems.cuh"

namespace nextbest::cuda {

// The parts of preconditioned conjugate gradients on one row, by one warp. Vectors [padded] are shared among its lanes,
// each of which writes the pairs lane, lane + 32, ... only: nothing but what others read needs a barrier.

struct PcgVectors {
  float* w;          ///< solution
  float* r;          ///< residual
  float* inverse;    ///< M^-1; at first the data's part of M
  float* direction;  ///< p
  float* product;    ///< (sum c h h^T) p
};

/// Entries of a row in shared memory. A stride of odd length spreads the vectors' beginnings over the banks.
struct StagedEntries {
  std::uint32_t* vectors;  ///< [capacity, stride] pairs
  float* weights;          ///< [capacity] c
  float* scales;           ///< [capacity] what a vector is multiplied with in the sums
  int stride;
};

template <class Use>
__device__ void for_own_dims(int pairs, Use&& use) {
  for (int i = lane_of_thread(); i < pairs; i += kWarpSize) {
    use(2 * i);
    use(2 * i + 1);
  }
}

/// Entries [begin, begin + count) to shared memory, 16 bytes at a time, four under way per lane.
__device__ inline void stage(const DeviceSystems& s, Offset begin, int count, const StagedEntries& to) {
  constexpr int kUnderWay = 4;
  const int total = count * s.quads;
  for (int base = lane_of_thread(); base < total; base += kUnderWay * kWarpSize) {
    uint4 quad[kUnderWay];
    for (int u = 0; u < kUnderWay; ++u) {
      const int wanted = base + u * kWarpSize, i = wanted < total ? wanted : total - 1;
      quad[u] = s.factors[Offset{s.ratings.indices[begin + i / s.quads]} * s.quads + i % s.quads];
    }
    for (int u = 0; u < kUnderWay; ++u) {
      const int i = base + u * kWarpSize;
      if (i >= total) continue;
      std::uint32_t* at = to.vectors + i / s.quads * to.stride + i % s.quads * 4;
      at[0] = quad[u].x, at[1] = quad[u].y, at[2] = quad[u].z, at[3] = quad[u].w;
    }
  }
  for (int j = lane_of_thread(); j < count; j += kWarpSize)
    to.weights[j] = s.ratings.values == nullptr ? 1.0f : s.ratings.values[begin + j];
}

/// h . x of the staged vector, a lane for each.
__device__ inline float dot_of(const StagedEntries& staged, int entry, const float* x, int pairs) {
  const std::uint32_t* h = staged.vectors + entry * staged.stride;
  float even = 0, odd = 0;
  for (int i = 0; i < pairs; ++i) {
    even = fmaf(lower_half(h[i]), x[2 * i], even);
    odd = fmaf(upper_half(h[i]), x[2 * i + 1], odd);
  }
  return even + odd;
}

/// scales = c (1 - h . w)
__device__ inline void scale_by_errors(const StagedEntries& staged, int count, const float* w, int pairs) {
  for (int j = lane_of_thread(); j < count; j += kWarpSize)
    staged.scales[j] = staged.weights[j] * (1.0f - dot_of(staged, j, w, pairs));
}

/// scales = c (h . p); returns the lane's part of the sum of c (h . p)^2.
__device__ inline float scale_by_dots(const StagedEntries& staged, int count, const float* p, int pairs) {
  float square = 0;
  for (int j = lane_of_thread(); j < count; j += kWarpSize) {
    const float dot = dot_of(staged, j, p, pairs);
    staged.scales[j] = staged.weights[j] * dot;
    square = fmaf(staged.scales[j], dot, square);
  }
  return square;
}

/// sum += sum of scales h and, where kSquares, squares += sum of c h^2. Own dims.
template <bool kSquares>
__device__ void combine(const StagedEntries& staged, int count, int pairs, float* sum, float* squares) {
  for (int i = lane_of_thread(); i < pairs; i += kWarpSize) {
    float even = sum[2 * i], odd = sum[2 * i + 1];
    float even_squares = kSquares ? squares[2 * i] : 0, odd_squares = kSquares ? squares[2 * i + 1] : 0;
    for (int j = 0; j < count; ++j) {
      const std::uint32_t pair = staged.vectors[j * staged.stride + i];
      const float low = lower_half(pair), high = upper_half(pair);
      even = fmaf(staged.scales[j], low, even);
      odd = fmaf(staged.scales[j], high, odd);
      if (!kSquares) continue;
      even_squares = fmaf(staged.weights[j] * low, low, even_squares);
      odd_squares = fmaf(staged.weights[j] * high, high, odd_squares);
    }
    sum[2 * i] = even, sum[2 * i + 1] = odd;
    if (kSquares) squares[2 * i] = even_squares, squares[2 * i + 1] = odd_squares;
  }
}

/// From the sums over the data (r = sum c (1 - h . w) h, inverse = sum c h^2): r -= D w, M^-1, p = M^-1 r. Returns
/// r . p. A dimension without any curvature is left as it is.
__device__ inline float start_steps(const DeviceSystems& s, float ridge, const PcgVectors& v) {
  float sum = 0;
  for_own_dims(s.pairs(), [&](int k) {
    const float d = s.dense[k] + ridge, m = d + v.inverse[k];
    const float inverse = m != 0 ? 1.0f / m : 0.0f;
    const float r = fmaf(-d, v.w[k], v.r[k]), p = inverse * r;
    v.inverse[k] = inverse;
    v.r[k] = r;
    v.direction[k] = p;
    sum = fmaf(r, p, sum);
  });
  return warp_sum(sum);
}

/// p . D p
__device__ inline float dense_square(const DeviceSystems& s, float ridge, const float* p) {
  float sum = 0;
  for_own_dims(s.pairs(), [&](int k) { sum = fmaf((s.dense[k] + ridge) * p[k], p[k], sum); });
  return warp_sum(sum);
}

/// w += alpha p
__device__ inline void advance(const DeviceSystems& s, float alpha, const PcgVectors& v) {
  for_own_dims(s.pairs(), [&](int k) { v.w[k] = fmaf(alpha, v.direction[k], v.w[k]); });
}

/// r -= alpha (product + D p). Returns r . M^-1 r.
__device__ inline float reduce_residual(const DeviceSystems& s, float ridge, float alpha, const PcgVectors& v) {
  float sum = 0;
  for_own_dims(s.pairs(), [&](int k) {
    const float r = fmaf(-alpha, fmaf(s.dense[k] + ridge, v.direction[k], v.product[k]), v.r[k]);
    v.r[k] = r;
    sum = fmaf(r * v.inverse[k], r, sum);
  });
  return warp_sum(sum);
}

/// p = M^-1 r + beta p
__device__ inline void turn(const DeviceSystems& s, float beta, const PcgVectors& v) {
  for_own_dims(s.pairs(), [&](int k) { v.direction[k] = fmaf(beta, v.direction[k], v.inverse[k] * v.r[k]); });
}

/// The row's start: out[row] to w, closed by zeros.
__device__ inline void load_start(const DeviceSystems& s, Offset row, float* w) {
  for_own_dims(s.pairs(), [&](int k) { w[k] = k < s.dim ? s.out[row * s.dim + k] : 0.0f; });
}

/// w to out[row]; whether all of it is finite.
__device__ inline bool store_solution(const DeviceSystems& s, Offset row, const float* w) {
  bool finite = true;
  for_own_dims(s.pairs(), [&](int k) {
    if (k >= s.dim) return;
    s.out[row * s.dim + k] = w[k];
    finite = finite && std::isfinite(w[k]);
  });
  return __all_sync(kWholeWarp, finite) != 0;
}

/// Dynamic shared memory: `vectors` of floats first, then the staged entries; see shared_bytes().
__device__ inline StagedEntries staged_behind(float* vectors, int padded, int count_vectors, int capacity) {
  float* weights = vectors + count_vectors * padded;
  return {reinterpret_cast<std::uint32_t*>(weights + 2 * capacity), weights, weights + capacity, padded / 2 + 1};
}

}  // namespace nextbest::cuda
