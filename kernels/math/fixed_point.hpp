#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/core/host_device.hpp"

namespace nextbest {

/// Weights are summed as integers in units of 2^-20, so sums do not depend on their order. 2^43 units of weight 1 fit.
inline constexpr int kWeightBits = 20;
inline constexpr std::int64_t kWeightOne = std::int64_t{1} << kWeightBits;

/// The nearest weight, at least one step of the scale, so that no unit vanishes.
NEXTBEST_HOST_DEVICE inline std::int64_t to_fixed(double weight) {
  const std::int64_t fixed = std::llround(weight * static_cast<double>(kWeightOne));
  return fixed < 1 ? 1 : fixed;
}
NEXTBEST_HOST_DEVICE inline double from_fixed(std::int64_t weight) {
  return static_cast<double>(weight) / static_cast<double>(kWeightOne);
}

}  // namespace nextbest
