#pragma once

#include <cstddef>

#include "kernels/math/association.hpp"

namespace nextbest::cpu {

/// What all pairs of a row share.
struct RowScores {
  Measure measure;
  double a;      ///< units with the row's item
  double units;  ///< U
  double shrinkage;
};

/// score[i] = association(measure, {both[i], a, b[i], units}, expected[i], shrinkage) as float; minus infinity where
/// Measure::kLlr meets a pair that is not positively associated. expected is read for kShrunkLift only.
/// Run-time choice of the instruction set; every choice gives the same bits.
void pair_scores(const RowScores& row, const double* both, const double* b, const double* expected, std::size_t n,
                 float* score);

}  // namespace nextbest::cpu
