#include "kernels/cpu/item_index.hpp"

namespace nextbest::cpu {

std::unique_ptr<const ItemIndex> index_items(Context&, Matrix<const float> items,
                                             std::span<const std::int64_t> popularity) {
  return std::make_unique<CpuItemIndex>(items, popularity);
}

}  // namespace nextbest::cpu
