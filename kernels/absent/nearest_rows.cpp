#include "kernels/ops/nearest_rows.hpp"

#include "kernels/core/error.hpp"

namespace nextbest::cuda {

void nearest_rows(Context&, const CsrView<float>&, const CsrView<float>&, std::span<const Code>,
                  const NearestRowLists&) {
  throw BackendNotBuilt(
      "nearest_rows: this program was built without CUDA; use --device cpu, or build with NEXTBEST_CUDA=ON");
}

}  // namespace nextbest::cuda
