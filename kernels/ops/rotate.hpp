#pragma once

#include "kernels/core/context.hpp"
#include "kernels/core/view.hpp"

namespace nextbest {

/// H <- H Q in place.
/// factors   H [n, dim] row-major, overwritten
/// rotation  Q [dim, dim] row-major; must not overlap factors
/// Q is rounded to float and the sums run in float, in any order: each entry lies within gamma * sum |h q| of the exact
/// value, gamma = (dim + 1) u / (1 - (dim + 1) u), u = 2^-24. The same bits for every number of threads.
/// Temporary memory: Q in float, and 128 rows per thread.  @throws ShapeMismatch
using Rotate = void(Context& ctx, Matrix<float> factors, Matrix<const double> rotation);
Rotate rotate;
namespace cpu {
Rotate rotate;
}
namespace cuda {
Rotate rotate;
}

}  // namespace nextbest
