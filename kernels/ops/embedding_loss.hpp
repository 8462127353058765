#pragma once

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "kernels/core/view.hpp"

namespace nextbest {

struct LossParams {
  double unobserved_weight = 0;   ///< alpha0
  double regularization = 0;      ///< lambda
  double frequency_exponent = 1;  ///< nu
};

/// The objective of implicit ALS (Rendle et al. 2022, equation 2 with frequency-scaled regularisation), in
/// O(nnz dim + (users + items) dim^2):
///     L = sum_S c_ui (w_u . h_i - 1)^2 + alpha0 trace(W^T W H^T H)
///         + lambda ( sum_u f_u^nu |w_u|^2 + sum_i f_i^nu |h_i|^2 ),  f_u = sum_i c_ui + alpha0 items, f_i likewise
/// ratings  c [users, items]; empty values: every c is 1.  users W [users, dim], items H [items, dim]
/// Products and sums in double, but for the two Gramians, which are those of kernels/ops/gramian.hpp; in an order fixed
/// by the ratings: the same for every number of threads. Not finite where the factors are not. Temporary memory: that
/// of gramian, and 8 (users + items) bytes; on a GPU the items, 16 bytes per user, and as many users at a time as fit.
/// @throws ShapeMismatch, InvalidArgument
using EmbeddingLoss = double(Context& ctx, const CsrView<float>& ratings, Matrix<const float> users,
                             Matrix<const float> items, const LossParams& params);
EmbeddingLoss embedding_loss;
namespace cpu {
EmbeddingLoss embedding_loss;
}
namespace cuda {
EmbeddingLoss embedding_loss;
}

}  // namespace nextbest
