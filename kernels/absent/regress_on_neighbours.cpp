#include "kernels/ops/regress_on_neighbours.hpp"

#include "kernels/core/error.hpp"

namespace nextbest::cuda {

void regress_on_neighbours(Context&, const CsrView<float>&, std::span<const float>, std::span<const float>, Offset,
                           const PredictorLists&) {
  throw BackendNotBuilt(
      "regress_on_neighbours: this program was built without CUDA; use --device cpu, or build with NEXTBEST_CUDA=ON");
}

}  // namespace nextbest::cuda
