#include "kernels/ops/embedding_loss.hpp"

#include "kernels/core/error.hpp"

namespace nextbest::cuda {

double embedding_loss(Context&, const CsrView<float>&, Matrix<const float>, Matrix<const float>, const LossParams&) {
  throw BackendNotBuilt(
      "embedding_loss: this program was built without CUDA; use --device cpu, or build with NEXTBEST_CUDA=ON");
}

}  // namespace nextbest::cuda
