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
  double margin = 0;  ///< llr_margin(a, units), for Measure::kLlr
  double all = 0;     ///< x_log_x(units), likewise
};

/// score[i] = association(measure, {both[i], a, b[i], units}, extra[i], shrinkage) as float; minus infinity where
/// Measure::kLlr meets a pair that is not positively associated.
/// extra  the expected counts for kShrunkLift, llr_margin(b[i], units) for kLlr, else not read
/// Run-time choice of the instruction set; every choice gives the same bits.
void pair_scores(const RowScores& row, const double* both, const double* b, const double* extra, std::size_t n,
                 float* score);

}  // namespace nextbest::cpu
