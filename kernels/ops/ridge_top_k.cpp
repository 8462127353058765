#include "kernels/ops/ridge_top_k.hpp"

#include <algorithm>

#include "kernels/core/expects.hpp"

namespace nextbest {

void ridge_top_k(Context& ctx, const CsrView<float>& x, const CsrView<float>& y, std::span<const float> penalty,
                 const PredictorLists& out) {
  const char* name = "ridge_top_k";
  expects_equal(y.rows(), x.rows(), name, "rows of y");
  expects_equal(static_cast<Offset>(penalty.size()), x.cols, name, "length of penalty");
  expects(std::all_of(penalty.begin(), penalty.end(), [](float p) { return p > 0; }), name,
          "every penalty must be above 0");
  expects(x.cols < (Offset{1} << 31), name, "too many predictors");
  expects(out.item.cols >= 1, name, "k must be at least 1");
  expects_equal(out.item.rows, y.cols, name, "rows of out.item");
  expects_equal(out.weight.rows, y.cols, name, "rows of out.weight");
  expects_equal(out.weight.cols, out.item.cols, name, "columns of out.weight");
  ctx.device == Device::kCuda ? cuda::ridge_top_k(ctx, x, y, penalty, out) : cpu::ridge_top_k(ctx, x, y, penalty, out);
}

}  // namespace nextbest
