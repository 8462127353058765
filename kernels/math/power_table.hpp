#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/core/host_device.hpp"

namespace nextbest {

/// base^gap for whole gaps from 0 on, with 1 for gap 0: read from a table where gaps are usual, worked out beyond.
struct PowerTable {
  static constexpr std::int32_t kSize = 1 << 12;
  double base;
  const double* powers;  ///< [kSize], see powers_of()

  NEXTBEST_HOST_DEVICE double operator()(std::int32_t gap) const {
    return gap < kSize ? powers[gap] : std::pow(base, static_cast<double>(gap));
  }
};

inline std::vector<double> powers_of(double base) {
  std::vector<double> powers(PowerTable::kSize, 1.0);
  for (std::int32_t gap = 1; gap < PowerTable::kSize; ++gap) powers[gap] = std::pow(base, static_cast<double>(gap));
  return powers;
}

}  // namespace nextbest
