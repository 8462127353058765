#pragma once

#include "kernels/core/context.hpp"
#include "kernels/core/view.hpp"

namespace nextbest {

/// H <- H Q in place.
/// factors   H [n, dim] row-major, overwritten
/// rotation  Q [dim, dim] row-major; must not overlap factors
/// Sums in float over ascending columns of H; each entry within (dim + 1) * 2^-24 * sum |h q| of the exact value.
/// Temporary memory: a block of rows per thread.  @throws ShapeMismatch
using Rotate = void(Context& ctx, Matrix<float> factors, Matrix<const double> rotation);
Rotate rotate;
namespace cpu {
Rotate rotate;
}
namespace cuda {
Rotate rotate;
}

}  // namespace nextbest
