#include "kernels/ops/transpose.hpp"

#include "kernels/core/error.hpp"

namespace nextbest::cuda {

void transpose(Context&, const CsrView<float>&, Csr<float>&) {
  throw BackendNotBuilt(
      "transpose: this program was built without CUDA; use --device cpu, or build with NEXTBEST_CUDA=ON");
}

}  // namespace nextbest::cuda
