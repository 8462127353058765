#pragma once

#include "kernels/core/bfloat16.hpp"
#include "kernels/core/context.hpp"
#include "kernels/core/view.hpp"

namespace nextbest {

/// H <- H Q in place, and on request once more in the 16 bits that solve_rows reads.
/// factors   H [n, dim] row-major, overwritten
/// rotation  Q [dim, dim] row-major
/// rounded   [n, dim] row-major: what factors holds afterwards, rounded to nearest even; or empty. No two may overlap
/// Q is rounded to float and the sums run in float, in any order: each entry lies within gamma * sum |h q| of the exact
/// value, gamma = (dim + 1) u / (1 - (dim + 1) u), u = 2^-24. The same bits for every number of threads.
/// Temporary memory: Q in float, and 128 rows per thread; on a GPU
/// 2^28 bytes of factors at a time, two and a half times, twice.  @throws ShapeMismatch
using Rotate = void(Context& ctx, Matrix<float> factors, Matrix<const double> rotation, Matrix<BFloat16> rounded);
Rotate rotate;
namespace cpu {
Rotate rotate;
}
namespace cuda {
Rotate rotate;
}

}  // namespace nextbest
