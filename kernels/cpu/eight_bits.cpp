#include "kernels/cpu/eight_bits.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/eight_bits.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nextbest::cpu::HWY_NAMESPACE {

// Plain loops over eight numbers side by side, which the compiler turns into the vectors of this target.
constexpr Offset kLanes = 8;

/// use(block, first) for the row in blocks of eight, the last one closed by zeros.
template <class Use>
HWY_INLINE void for_blocks(const float* row, Offset dim, Use&& use) {
  Offset c = 0;
  for (; c + kLanes <= dim; c += kLanes) use(row + c, c);
  if (c == dim) return;
  float last[kLanes] = {};
  std::copy_n(row + c, dim - c, last);
  use(last, c);
}
HWY_INLINE double sum_of(const double* lane) {
  return ((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]));
}
// Covers the rounding of the sums: up to 65,536 terms, each off by 2^-53.
HWY_INLINE double root_above(double sum) {
  constexpr double kUp = 1 + 1e-10;
  return std::sqrt(sum) * kUp;
}

HWY_FLATTEN EightBits to_eight_bits(const float* row, Offset dim, double inverse_scale, std::int8_t* q) {
  const double scale = 1 / inverse_scale;
  double seen[kLanes] = {}, rest[kLanes] = {};
  std::int32_t sum[kLanes] = {};
  for_blocks(row, dim, [&](const float* x, Offset first) HWY_ATTR {
    for (Offset i = 0; i < kLanes; ++i) {
      const double scaled = x[i] * inverse_scale;
      const auto whole = static_cast<std::int32_t>(scaled + std::copysign(0.5, scaled));
      const double of_whole = scale * whole, left = x[i] - of_whole;
      seen[i] += of_whole * of_whole;
      rest[i] += left * left;
      sum[i] += whole;
      q[first + i] = static_cast<std::int8_t>(whole);
    }
  });
  EightBits about{root_above(sum_of(seen)), root_above(sum_of(rest)), 0};
  for (const std::int32_t some : sum) about.sum += some;
  return about;
}

HWY_FLATTEN double norm_above(const float* row, Offset dim) {
  double lane[kLanes] = {};
  for_blocks(row, dim, [&](const float* x, Offset) HWY_ATTR {
    for (Offset i = 0; i < kLanes; ++i) lane[i] += static_cast<double>(x[i]) * x[i];
  });
  const double sum = sum_of(lane);
  return std::isfinite(sum) ? root_above(sum) : std::numeric_limits<double>::infinity();
}

// Without the sign, the bits of finite floats ascend with the numbers.
HWY_FLATTEN float largest_of(const float* row, Offset dim) {
  std::uint32_t lane[kLanes] = {};
  for_blocks(row, dim, [&](const float* x, Offset) HWY_ATTR {
    for (Offset i = 0; i < kLanes; ++i) lane[i] = std::max(lane[i], std::bit_cast<std::uint32_t>(x[i]) & 0x7FFFFFFF);
  });
  return std::bit_cast<float>(*std::max_element(lane, lane + kLanes));
}

}  // namespace nextbest::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nextbest::cpu {

HWY_EXPORT(to_eight_bits);
HWY_EXPORT(norm_above);
HWY_EXPORT(largest_of);

EightBits to_eight_bits(const float* row, Offset dim, double inverse_scale, std::int8_t* q) {
  return HWY_DYNAMIC_DISPATCH(to_eight_bits)(row, dim, inverse_scale, q);
}
double norm_above(const float* row, Offset dim) {
  return HWY_DYNAMIC_DISPATCH(norm_above)(row, dim);
}
float largest_of(const float* row, Offset dim) {
  return HWY_DYNAMIC_DISPATCH(largest_of)(row, dim);
}

}  // namespace nextbest::cpu
#endif
