#pragma once

#include "kernels/core/context.hpp"
#include "kernels/core/view.hpp"

namespace nextbest {

/// G = H^T H. At most 128 rows are summed in float at a time, those sums in double, in an order that is fixed, so the
/// result is the same for every number of threads.
/// factors  H [n, dim] row-major
/// out      G [dim, dim] symmetric, both triangles written; must not overlap factors
/// Each entry is within (128 * 2^-24 + n * 2^-53) * 1.001 * sum |h_i h_j| of the exact value. Not finite where factors
/// are not. Temporary memory: at most 64 dim^2 doubles, and dim^2 floats per thread;
/// on a GPU at most 1024 dim^2 doubles, and 2^28 bytes of factors at a time, twice.
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
