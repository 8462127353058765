#include "kernels/ops/ridge_top_k.hpp"

#include "kernels/core/error.hpp"

namespace nextbest::cuda {

void ridge_top_k(Context&, const CsrView<float>&, const CsrView<float>&, std::span<const float>,
                 const PredictorLists&) {
  throw BackendNotBuilt(
      "ridge_top_k: this program was built without CUDA; use --device cpu, or build with NEXTBEST_CUDA=ON");
}

}  // namespace nextbest::cuda
