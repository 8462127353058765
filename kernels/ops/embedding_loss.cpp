#include "kernels/ops/embedding_loss.hpp"

#include "kernels/core/expects.hpp"

namespace nextbest {

double embedding_loss(Context& ctx, const CsrView<float>& ratings, Matrix<const float> users, Matrix<const float> items,
                      const LossParams& params) {
  expects_equal(users.rows, ratings.rows(), "embedding_loss", "rows of users");
  expects_equal(items.rows, ratings.cols, "embedding_loss", "rows of items");
  expects_equal(items.cols, users.cols, "embedding_loss", "columns of items");
  expects(users.stride >= users.cols && items.stride >= items.cols, "embedding_loss",
          "stride below the number of columns");
  expects(ratings.values.empty() || ratings.values.size() == ratings.indices.size(), "embedding_loss",
          "values are not parallel to indices");
  return ctx.device == Device::kCuda ? cuda::embedding_loss(ctx, ratings, users, items, params)
                                     : cpu::embedding_loss(ctx, ratings, users, items, params);
}

}  // namespace nextbest
