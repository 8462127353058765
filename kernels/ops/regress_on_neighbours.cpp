#include "kernels/ops/regress_on_neighbours.hpp"

#include <algorithm>

#include "kernels/core/expects.hpp"

namespace nextbest {

void regress_on_neighbours(Context& ctx, const CsrView<float>& neighbours, std::span<const float> diagonal,
                           std::span<const float> penalty, Offset predictors, const PredictorLists& out) {
  const char* name = "regress_on_neighbours";
  expects_equal(neighbours.rows(), neighbours.cols, name, "rows of neighbours");
  expects(neighbours.nnz() == 0 || !neighbours.values.empty(), name, "neighbours need values");
  expects_equal(static_cast<Offset>(diagonal.size()), neighbours.cols, name, "length of diagonal");
  expects_equal(static_cast<Offset>(penalty.size()), neighbours.cols, name, "length of penalty");
  expects(std::all_of(penalty.begin(), penalty.end(), [](float p) { return p > 0; }), name,
          "every penalty must be above 0");
  expects(predictors >= 1, name, "predictors must be at least 1");
  expects(out.item.cols >= 1, name, "k must be at least 1");
  expects_equal(out.item.rows, neighbours.cols, name, "rows of out.item");
  expects_equal(out.weight.rows, neighbours.cols, name, "rows of out.weight");
  expects_equal(out.weight.cols, out.item.cols, name, "columns of out.weight");
  ctx.device == Device::kCuda ? cuda::regress_on_neighbours(ctx, neighbours, diagonal, penalty, predictors, out)
                              : cpu::regress_on_neighbours(ctx, neighbours, diagonal, penalty, predictors, out);
}

}  // namespace nextbest
