#pragma once

#include <vector>

#include "tests/reference/dense.hpp"

namespace nextbest::reference {

/// One entry of a row of the rating matrix.
struct Rating {
  std::int64_t column;
  double weight;
};
using Ratings = std::vector<std::vector<Rating>>;  ///< by row

struct IalsWeights {
  double alpha0 = 0, lambda = 0, nu = 1;
};

/// f = sum of the row's weights + alpha0 * columns.
double frequency(const std::vector<Rating>& row, std::int64_t columns, const IalsWeights& weights);

/// The normal equations A w = b of one row: A = sum c h h^T + alpha0 G + lambda f^nu I, b = sum c h.
struct NormalEquations {
  Dense a;
  std::vector<double> b;
};
NormalEquations normal_equations(const std::vector<Rating>& row, const Dense& h, const Dense& gramian,
                                 const IalsWeights& weights);

/// w^T A w - 2 b^T w: what a row's solution minimises.
double row_objective(const NormalEquations& system, const std::vector<double>& w);

/// L with every (user, item) written out: sum_S c (y - 1)^2 + alpha0 sum_all y^2 + penalties.
double loss(const Ratings& ratings, const Dense& users, const Dense& items, const IalsWeights& weights);

/// Alternating least squares with exact solutions, users first; the factors are start and result. Returns the loss.
double exact_als(const Ratings& ratings, Dense& users, Dense& items, const IalsWeights& weights, int iterations);

}  // namespace nextbest::reference
