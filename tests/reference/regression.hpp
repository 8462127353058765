#pragma once

#include <cstdint>
#include <vector>

#include "tests/reference/dense.hpp"

namespace nextbest::reference {

/// The weights b of `predictors` in the ridge regression of item j: (G_NN + diag(penalty_N)) b = G_Nj.
std::vector<double> regression(const Dense& gramian, const std::vector<double>& penalty,
                               const std::vector<std::int64_t>& predictors, std::int64_t j);

/// B [predictors, targets] of the ridge regression of the columns of y on x: (X^T X + diag(penalty)) B = X^T Y.
Dense ridge(const Dense& x, const Dense& y, const std::vector<double>& penalty);

}  // namespace nextbest::reference
