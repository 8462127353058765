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
///     D = alpha0 diag(lambda) + reg f^nu I; products and Cholesky (without square roots) of K in double, only w is
///     rounded. The start is not
///     read. A pivot of K is at least 1 / c; a row of which one comes out below half of that is singular to working
///     precision
///   - otherwise: `steps` steps of conjugate gradients from the given start, preconditioned with the diagonal
///     D + sum_i c_i h_i^2, in float; a row whose residual r has r . M^-1 r below the smallest normal float stops
///     early. A step never raises the row's part of the objective by more than rounding
/// No term of a sum over the n entries of a row passes through more than min(n + 4, 140 + n / 128) roundings, none of
/// a sum over dimensions through more than dim + 1. Results are independent of the number of threads, but not of the
/// instruction set.
/// ctx.cancelled is asked between pieces of some ten thousand entries; a cancelled call leaves rows unsolved.
/// Temporary memory: per thread at most 512 KiB and 300 dim bytes.
/// @throws NumericalError naming the row when a solution is not finite or a dual is singular; ShapeMismatch;
///         InvalidArgument a code outside [0, items), a weight that is not finite and above 0
using SolveRows = void(Context& ctx, const RowSystems& systems, Matrix<float> out);
SolveRows solve_rows;
namespace cpu {
SolveRows solve_rows;
}
namespace cuda {
SolveRows solve_rows;
}

}  // namespace nextbest
