#include "kernels/ops/ease_top_k.hpp"

#include "kernels/core/error.hpp"

namespace nextbest::cuda {

void ease_top_k(Context&, const CsrView<float>&, std::span<const float>, std::span<const float>,
                const PredictorLists&) {
  throw BackendNotBuilt(
      "ease_top_k: this program was built without CUDA; use --device cpu, or build with NEXTBEST_CUDA=ON");
}

}  // namespace nextbest::cuda
