#pragma once

#include <cstddef>
#include <span>

namespace nextbest {

/// The numbers behind n pairs: counts, or sums of weights.
struct PairEvidence {
  std::span<const double> both;      ///< [n] units with both
  std::span<const double> a;         ///< [n] units with the row's item
  std::span<const double> b;         ///< [n] units with the other item
  std::span<const double> expected;  ///< [n] what chance would give
  double units;                      ///< in all
};

struct PairMeasureColumns {
  std::span<double> support, confidence, confidence_lower, lift, shrunk_lift, llr, npmi, jaccard, cosine;  ///< [n] each
};

/// Every measure of kernels/math/association.hpp for pairs that are kept; shrunk_lift with kLiftShrinkage,
/// confidence_lower is the Wilson bound. Computed on the host, one thread, in vectors of the best instruction set of
/// the machine; every choice gives the bits of the formulas. pairs, out  no span may overlap another of out
/// @throws ShapeMismatch
void pair_measures(const PairEvidence& pairs, const PairMeasureColumns& out);
namespace cpu {
void pair_measures(const PairEvidence& pairs, const PairMeasureColumns& out);
}

}  // namespace nextbest
