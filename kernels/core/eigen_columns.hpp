#pragma once

#include <span>

#include "kernels/core/view.hpp"

namespace nextbest {

/// What a LAPACK-like solver leaves, as eigenbasis() promises it: eigenvalues descending, those below 0 set to 0;
/// eigenvectors in columns, the entry of largest magnitude of each positive, the first of equals.
/// rows       [dim, dim] one eigenvector per row, their eigenvalues ascending
/// ascending  [dim]
/// out        [dim, dim], values [dim]; overwritten, must not overlap the rest
void order_eigen_columns(std::span<const double> rows, std::span<const double> ascending, Matrix<double> out,
                         std::span<double> values);

}  // namespace nextbest
