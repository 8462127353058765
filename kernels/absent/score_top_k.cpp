#include "kernels/ops/score_top_k.hpp"

#include "kernels/core/error.hpp"

namespace nextbest::cuda {

void score_top_k(Context&, Matrix<const float>, const ItemIndex&, const TopKFilter&, const TopKLists&) {
  throw BackendNotBuilt(
      "score_top_k: this program was built without CUDA; use --device cpu, or build with NEXTBEST_CUDA=ON");
}

}  // namespace nextbest::cuda
