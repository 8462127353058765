#pragma once

#include "kernels/core/context.hpp"
#include "kernels/core/view.hpp"

namespace nextbest {

/// G = H^T H, accumulated in double in blocks of rows whose boundaries and order of summation are fixed, so the result
/// is the same for every number of threads.
/// factors  H [n, dim] row-major
/// out      G [dim, dim] symmetric, both triangles written; must not overlap factors
/// Products of floats are exact in double, so each entry is within n * 2^-53 * sum |h_i h_j| of the exact value. Not
/// finite where factors are not. Temporary memory: at most 64 dim^2 doubles, and 256 dim per thread.
/// @throws ShapeMismatch
using Gramian = void(Context& ctx, Matrix<const float> factors, Matrix<double> out);
Gramian gramian;
namespace cpu {
Gramian gramian;
}
namespace cuda {
Gramian gramian;
}

}  // namespace nextbest
