#include "kernels/ops/item_index.hpp"

#include "kernels/core/error.hpp"

namespace nextbest::cuda {

std::unique_ptr<const ItemIndex> index_items(Context&, Matrix<const float>, std::span<const std::int64_t>) {
  throw BackendNotBuilt(
      "index_items: this program was built without CUDA; use --device cpu, or build with NEXTBEST_CUDA=ON");
}

}  // namespace nextbest::cuda
