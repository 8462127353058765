#include "kernels/ops/item_index.hpp"

#include <limits>

#include "kernels/core/expects.hpp"

namespace nextbest {

std::unique_ptr<const ItemIndex> index_items(Context& ctx, Matrix<const float> items,
                                             std::span<const std::int64_t> popularity) {
  constexpr const char* kName = "index_items";
  expects_equal(static_cast<Offset>(popularity.size()), items.rows, kName, "length of popularity");
  expects(items.rows <= std::numeric_limits<Code>::max(), kName, "2^31 items or more do not fit codes of 32 bits");
  expects(items.cols >= 1 && items.cols <= kMostDims, kName, "dim must lie between 1 and 65536");
  expects(items.stride >= items.cols, kName, "stride of the items below dim");
  return ctx.device == Device::kCuda ? cuda::index_items(ctx, items, popularity)
                                     : cpu::index_items(ctx, items, popularity);
}

}  // namespace nextbest
