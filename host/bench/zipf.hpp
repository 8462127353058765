#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "kernels/core/philox.hpp"
#include "kernels/core/types.hpp"

namespace nextbest::bench {

/// A rank of [0, n) with P ~ 1 / (rank + 20), by inversion of the cumulative distribution; uniform in (0, 1].
inline Offset zipf_rank(double uniform, Offset n) {
  constexpr double kShift = 20;
  const double span = (static_cast<double>(n) + kShift) / kShift;
  return std::min(n - 1, static_cast<Offset>(kShift * (std::pow(span, 1 - uniform) - 1)));
}

/// The codes [0, items) in an order drawn from the seed, so that ranks are spread over the codes.
inline std::vector<Code> shuffled_codes(std::uint64_t seed, Offset items) {
  std::vector<Code> codes(items);
  std::iota(codes.begin(), codes.end(), 0);
  for (Offset i = items - 1; i > 0; --i) {
    const double uniform = 1 - philox_uniform(seed, 1, static_cast<std::uint64_t>(i));
    std::swap(codes[i], codes[static_cast<Offset>(uniform * static_cast<double>(i + 1))]);
  }
  return codes;
}

/// Categories of the catalogue, and how many of them a customer returns to.
constexpr Offset kCategories = 300, kFavourites = 3;

}  // namespace nextbest::bench
