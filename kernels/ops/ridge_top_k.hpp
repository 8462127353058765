#pragma once

#include <span>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "kernels/ops/ease_top_k.hpp"

namespace nextbest {

/// Ridge regression of several targets on the same predictors (Hoerl & Kennard 1970):
///     B = arg min sum_u |y_u - x_u B|^2 + sum_i penalty_i |B_i|^2 = (X^T X + diag(penalty))^-1 X^T Y
/// Unlike ease_top_k() targets and predictors are different things even where both are items (what somebody had, and
/// what he bought next), so what predicts an item may be the item itself.
/// x        [rows, predictors]; no values: every entry is 1
/// y        [rows, targets]; no values: every entry is 1
/// penalty  [predictors], > 0
/// out      [targets, k], k >= 1: row j holds the k predictors with the largest |B_ij|
/// In float: relative error about predictors * 2^-24 * (largest eigenvalue / least penalty). The same for every number
/// of threads. Memory: 4 predictors^2 bytes, and 512 predictors per thread; time predictors^3 / 3 + 2 predictors^2
/// targets. When ctx.cancelled says yes, `out` is left as it was in part.
/// @throws ShapeMismatch, InvalidArgument; NumericalError when the penalties are too small for float
using RidgeTopK = void(Context& ctx, const CsrView<float>& x, const CsrView<float>& y, std::span<const float> penalty,
                       const PredictorLists& out);
RidgeTopK ridge_top_k;
namespace cpu {
RidgeTopK ridge_top_k;
}
namespace cuda {
RidgeTopK ridge_top_k;
}

}  // namespace nextbest
