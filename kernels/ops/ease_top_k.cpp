#include "kernels/ops/ease_top_k.hpp"

#include <algorithm>

#include "kernels/core/expects.hpp"

namespace nextbest {

void ease_top_k(Context& ctx, const CsrView<float>& units, std::span<const float> weight,
                std::span<const float> penalty, const PredictorLists& out) {
  const char* name = "ease_top_k";
  expects_equal(static_cast<Offset>(weight.size()), units.rows(), name, "length of weight");
  expects_equal(static_cast<Offset>(penalty.size()), units.cols, name, "length of penalty");
  expects(std::all_of(penalty.begin(), penalty.end(), [](float p) { return p > 0; }), name,
          "every penalty must be above 0");
  expects(units.cols < (Offset{1} << 31), name, "too many items");
  expects(out.item.cols >= 1, name, "k must be at least 1");
  expects_equal(out.item.rows, units.cols, name, "rows of out.item");
  expects_equal(out.weight.rows, units.cols, name, "rows of out.weight");
  expects_equal(out.weight.cols, out.item.cols, name, "columns of out.weight");
  ctx.device == Device::kCuda ? cuda::ease_top_k(ctx, units, weight, penalty, out)
                              : cpu::ease_top_k(ctx, units, weight, penalty, out);
}

}  // namespace nextbest
