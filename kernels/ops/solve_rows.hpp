#pragma once

#include <span>

#include "kernels/core/bfloat16.hpp"
#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "kernels/core/view.hpp"

namespace nextbest {

/// Rows of at most this many entries (and fewer than dim) are solved exactly through their n x n dual.
inline constexpr Offset kDualRowLimit = 8;

/// The least-squares systems of one half-step of implicit ALS (Hu, Koren & Volinsky 2008; Rendle et al. 2022), in the
/// eigenbasis of the Gramian of the fixed side:
///     ( sum_i c_ri h_i h_i^T + alpha0 * diag(lambda) + reg * f_r^nu * I ) w_r = sum_i c_ri h_i
///     f_r = sum_i c_ri + alpha0 * (rows of factors)
struct RowSystems {
  CsrView<float> ratings;               ///< c [rows, items]; values > 0; empty values: every c is 1
  Matrix<const BFloat16> factors;       ///< H [items, dim], rotated so that H^T H is about diag(eigenvalues)
  std::span<const double> eigenvalues;  ///< [dim] >= 0, lambda
  double unobserved_weight = 0;         ///< alpha0 >= 0
  double regularization = 0;            ///< reg > 0
  double frequency_exponent = 1;        ///< nu
  int steps = 3;                        ///< of the conjugate gradients
};

/// Solves every row of the systems, whose factors are taken for exactly what their 16 bits say.
/// out  W [rows, dim]: read as the start of the iteration, overwritten by the solution; must not overlap factors
/// Which rows are solved how is part of the contract, the same on every backend:
///   - no entries: w = 0
///   - n <= kDualRowLimit and n < dim: directly, w = D^-1 H_r^T K^-1 1 with K = H_r D^-1 H_r^T + C^-1 (Woodbury) and
///     D = alpha0 diag(lambda) + reg f^nu I; K and its Cholesky factors (without square roots) in float. In exact
///     arithmetic every pivot of K is at least the 1 / c of its entry; one that rounding has brought below that is set
///     to it, so that K stays as well conditioned as it is. The start is not read
///   - otherwise: `steps` steps of conjugate gradients from the given start, preconditioned with the diagonal
///     D + sum_i c_i h_i^2, in float; a row whose residual r has r . M^-1 r below the smallest normal float stops
///     early. A step never raises the row's part of the objective by more than rounding
/// No term of a sum over the n entries of a row passes through more than min(n + 4, 140 + n / 128) roundings, none of
/// a sum over dimensions through more than dim + 1. Results are independent of the number of threads, but not of the
/// instruction set.
/// ctx.cancelled is asked between pieces of some ten thousand entries; a cancelled call leaves rows unsolved.
/// Temporary memory: per thread at most 512 KiB and 300 dim bytes. On a GPU the factors, and, for 2^20 rows at a time
/// or as many as fit, their entries and start, and dim / 16 + 20 dim / n bytes for each entry of a row that is too long
/// to stand in a warp's shared memory (of more than 128 entries, or fewer from dim 160 on).
/// @throws NumericalError naming the row when a solution is not finite; ShapeMismatch;
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
