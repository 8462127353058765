#pragma once

#include "kernels/core/bfloat16.hpp"
#include "kernels/core/context.hpp"
#include "kernels/core/view.hpp"

namespace nextbest {

/// H <- H Q in place.
/// factors   H [n, dim] row-major, overwritten
/// rotation  Q [dim, dim] row-major; must not overlap factors
/// Q is rounded to float and the sums run in float, in any order: each entry lies within gamma * sum |h q| of the exact
/// value, gamma = (dim + 1) u / (1 - (dim + 1) u), u = 2^-24. The same bits for every number of threads.
/// Temporary memory: Q in float, and 128 rows per thread; on a GPU
/// 2^28 bytes of factors at a time, two and a half times, twice.  @throws ShapeMismatch
using Rotate = void(Context& ctx, Matrix<float> factors, Matrix<const double> rotation);

/// The same where 16 bits are enough, as for the start of an iteration: H and Q may be rounded to BFloat16 before they
/// are multiplied, and are where the machine multiplies such numbers faster. Each entry lies within
/// ((1 + 2^-8)^2 (1 + gamma) - 1) * sum |h q| + dim * 2^-126 * (max |h| + max |q| + 1) of the exact value.
Rotate rotate_roughly;

/// rounded = H Q, as rough, and then rounded to nearest even: the fixed side for solve_rows. No two may overlap.
using RotateRounded = void(Context& ctx, Matrix<const float> factors, Matrix<const double> rotation,
                           Matrix<BFloat16> rounded);

Rotate rotate;
RotateRounded rotate_rounded;
namespace cpu {
Rotate rotate, rotate_roughly;
RotateRounded rotate_rounded;
}  // namespace cpu
namespace cuda {
Rotate rotate;  // rotate_roughly, too
RotateRounded rotate_rounded;
}  // namespace cuda

}  // namespace nextbest
