#pragma once

#include <span>

#include "kernels/core/context.hpp"
#include "kernels/core/view.hpp"

namespace nextbest {

/// G = Q diag(lambda) Q^T for a symmetric positive semidefinite G.
/// gramian      [dim, dim], both triangles; overwritten with Q, eigenvectors in columns
/// eigenvalues  [dim] descending, those below 0 by rounding set to 0
/// Backward stable: |G - Q diag(lambda) Q^T| and |Q^T Q - I| stay within a small multiple of dim * 2^-53 (times |G|).
/// Signs are fixed (the entry of largest magnitude of every column is positive, the first of equals), so a run repeats.
/// @throws NumericalError when G is not finite or the iteration does not converge; ShapeMismatch
using Eigenbasis = void(Context& ctx, Matrix<double> gramian, std::span<double> eigenvalues);
Eigenbasis eigenbasis;
namespace cpu {
Eigenbasis eigenbasis;
}
namespace cuda {
Eigenbasis eigenbasis;
}

}  // namespace nextbest
