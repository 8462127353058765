#pragma once

#include <span>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "kernels/core/view.hpp"

namespace nextbest {

/// Rows of at most this many entries (and fewer than dim) are solved exactly through their n x n dual.
inline constexpr Offset kDualRowLimit = 16;

/// The least-squares systems of one half-step of implicit ALS (Hu, Koren & Volinsky 2008; Rendle et al. 2022), in the
/// eigenbasis of the Gramian of the fixed side:
///     ( sum_i c_ri h_i h_i^T + alpha0 * diag(lambda) + reg * f_r^nu * I ) w_r = sum_i c_ri h_i
///     f_r = sum_i c_ri + alpha0 * (rows of factors)
struct RowSystems {
  CsrView<float> ratings;               ///< c [rows, items]; values > 0; empty values: every c is 1
  Matrix<const float> factors;          ///< H [items, dim], rotated so that H^T H = diag(eigenvalues)
  std::span<const double> eigenvalues;  ///< [dim] >= 0
  double unobserved_weight = 0;         ///< alpha0 >= 0
  double regularization = 0;            ///< reg > 0
  double frequency_exponent = 1;        ///< nu
  int steps = 3;                        ///< of the conjugate gradients
};

/// Solves every row of the systems.
/// out  W [rows, dim]: read as the start of the iteration, overwritten by the solution; must not overlap factors
/// Which rows are solved how is part of the contract, the same on every backend:
///   - no entries: w = 0
///   - n <= kDualRowLimit and n < dim: exact, w = D^-1 H_r^T K^-1 1 with K = H_r D^-1 H_r^T + C^-1 (Woodbury) and
///     D = alpha0 diag(lambda) + reg f^nu I; Cholesky of K in double where kDualRowLimit makes it cheap
///   - otherwise: `steps` steps of conjugate gradients from the given start, preconditioned with the diagonal
///     D + sum_i c_i h_i^2; a row whose residual vanishes stops early
/// Arithmetic in float, results independent of the number of threads.
/// @throws NumericalError when a solution is not finite, naming the row; ShapeMismatch, InvalidArgument
using SolveRows = void(Context& ctx, const RowSystems& systems, Matrix<float> out);
SolveRows solve_rows;
namespace cpu {
SolveRows solve_rows;
}
namespace cuda {
SolveRows solve_rows;
}

}  // namespace nextbest
