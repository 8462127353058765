#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "kernels/core/host_device.hpp"
#include "kernels/math/natural_log.hpp"

namespace nextbest {

/// What one pair is judged by. The names are those of the job file and of the columns of the table `pairs`.
enum class Measure { kLlr, kLift, kShrunkLift, kNpmi, kJaccard, kCosine, kConfidence, kCount };

inline constexpr double kLiftShrinkage = 5.0;          ///< k of shrunk_lift = (N + k) / (E + k)
inline constexpr double kWilsonZ = 1.959963984540054;  ///< two-sided 95 %

/// The four numbers behind every measure: units with both, with a, with b, in all. Counts, or sums of weights.
struct PairCounts {
  double both;
  double a;
  double b;
  double units;
};

NEXTBEST_HOST_DEVICE inline double support(const PairCounts& n) {
  return n.both / n.units;
}
NEXTBEST_HOST_DEVICE inline double confidence(const PairCounts& n) {
  return n.both / n.a;
}
NEXTBEST_HOST_DEVICE inline double lift(const PairCounts& n) {
  return n.both * n.units / (n.a * n.b);
}
NEXTBEST_HOST_DEVICE inline double cosine(const PairCounts& n) {
  return n.both / std::sqrt(n.a * n.b);
}
NEXTBEST_HOST_DEVICE inline double jaccard(const PairCounts& n) {
  return n.both / (n.a + n.b - n.both);
}

/// Normalised pointwise mutual information (Bouma 2009), in [-1, 1]; 1 where the pair is in every unit.
NEXTBEST_HOST_DEVICE inline double npmi(const PairCounts& n) {
  const double surprisal = -natural_log(n.both / n.units);
  return surprisal > 0 ? natural_log(lift(n)) / surprisal : 1.0;
}

/// (N + k) / (E + k): surprise over chance, drawn to 1 where there is little evidence.
NEXTBEST_HOST_DEVICE inline double shrunk_lift(double both, double expected, double k) {
  return (both + k) / (expected + k);
}

/// Lower end of the two-sided 95 % interval of Wilson (1927) for a share of `hits` in `trials`; 0 without trials.
NEXTBEST_HOST_DEVICE inline double wilson_lower(double hits, double trials) {
  const double z2 = kWilsonZ * kWilsonZ, p = hits / trials;
  const double centre = p + z2 / (2 * trials);
  const double variance = p * (1 - p) / trials + z2 / (4 * trials * trials);
  const double lower = (centre - kWilsonZ * std::sqrt(variance > 0 ? variance : 0)) / (1 + z2 / trials);
  return trials > 0 && lower > 0 ? lower : 0;
}

/// 1 - (1 - p)^(m + more), given chance = 1 - (1 - p)^m: the chance that one of m + more draws is an item of share p.
/// By doubling, from sums and products of numbers in [0, 1] only: nothing cancels for small p, and the bits are the
/// same wherever the compiler does not contract multiplications with additions. chance_after(0, p, 1) is p.
NEXTBEST_HOST_DEVICE inline double chance_after(double chance, double p, std::int64_t more) {
  for (double step = p; more > 0; more >>= 1) {
    if (more & 1) chance += (1 - chance) * step;
    step += (1 - step) * step;
  }
  return chance;
}

NEXTBEST_HOST_DEVICE inline double x_log_x(double x) {
  return (x > 0 ? x : 0) * natural_log(x > 0 ? x : 1);
}

/// The part of G^2 that one item has in all its pairs.
NEXTBEST_HOST_DEVICE inline double llr_margin(double with_item, double units) {
  return x_log_x(with_item) + x_log_x(units - with_item);
}
/// Dunning's G^2 (1993) of the 2x2 table; never negative. rows, cols: the margins of a and of b; all: x_log_x(units).
NEXTBEST_HOST_DEVICE inline double llr(const PairCounts& n, double rows, double cols, double all) {
  const double k11 = n.both, k12 = n.a - n.both, k21 = n.b - n.both, k22 = n.units - n.a - n.b + n.both;
  const double cells = x_log_x(k11) + x_log_x(k12) + x_log_x(k21) + x_log_x(k22);
  const double g = 2 * (cells - rows - cols + all);
  return g > 0 ? g : 0;
}
NEXTBEST_HOST_DEVICE inline double llr(const PairCounts& n) {
  return llr(n, llr_margin(n.a, n.units), llr_margin(n.b, n.units), x_log_x(n.units));
}

/// More often together than independence would have it.
NEXTBEST_HOST_DEVICE inline bool positively_associated(const PairCounts& n) {
  return n.both * n.units > n.a * n.b;
}

/// The value that ranks under `measure`. `expected` is read by kShrunkLift only; kLlr gives the root of G^2.
NEXTBEST_HOST_DEVICE inline double association(Measure measure, const PairCounts& n, double expected,
                                               double shrinkage) {
  switch (measure) {
    case Measure::kLlr:
      return std::sqrt(llr(n));
    case Measure::kLift:
      return lift(n);
    case Measure::kShrunkLift:
      return shrunk_lift(n.both, expected, shrinkage);
    case Measure::kNpmi:
      return npmi(n);
    case Measure::kJaccard:
      return jaccard(n);
    case Measure::kCosine:
      return cosine(n);
    case Measure::kConfidence:
      return confidence(n);
    case Measure::kCount:
      return n.both;
  }
  return 0;
}

}  // namespace nextbest
