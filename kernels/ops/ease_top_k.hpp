#pragma once

#include <span>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "kernels/core/view.hpp"

namespace nextbest {

/// What predicts each item: row j holds the k items with the largest |weight| in the regression of item j, that first;
/// ties by code ascending. Weights of 0 are left out; shorter rows are closed by item = kNoCode with weight 0.
struct PredictorLists {
  Matrix<Code> item;     ///< [items, k]
  Matrix<float> weight;  ///< [items, k]
};

/// Weighted ridge regression of every item on all others (EASE: Steck 2019, "Embarrassingly shallow autoencoders for
/// sparse data", with a penalty per item: Steck 2020, "Autoencoders that don't overfit towards the identity"):
///     min over B with zero diagonal of  sum_u w_u |x_u - x_u B|^2 + sum_i penalty_i |B_i|^2
///     P = (sum_u w_u x_u^T x_u + diag(penalty))^-1,  B_ij = -P_ij / P_jj
/// Blocked Cholesky factorisation, then the columns of P some at a time; B is never stored.
/// units    [units, items], 0/1: values are not read
/// weight   [units], >= 0
/// penalty  [items], > 0
/// out      [items, k], k >= 1
/// In float: relative error about items * 2^-24 * (largest eigenvalue / least penalty). The same for every number of
/// threads. Memory: 4 items^2 bytes, and 512 items per thread (on a GPU 256 MiB at most); time 5/3 items^3. When
/// ctx.cancelled says yes, `out` is left as it was in part.
/// @throws ShapeMismatch, InvalidArgument; NumericalError when the penalties are too small for float
using EaseTopK = void(Context& ctx, const CsrView<float>& units, std::span<const float> weight,
                      std::span<const float> penalty, const PredictorLists& out);
EaseTopK ease_top_k;
namespace cpu {
EaseTopK ease_top_k;
}
namespace cuda {
EaseTopK ease_top_k;
}

}  // namespace nextbest
