#include "kernels/ops/rotate.hpp"

#include "kernels/core/error.hpp"

namespace nextbest::cuda {

void rotate(Context&, Matrix<float>, Matrix<const double>, Matrix<BFloat16>) {
  throw BackendNotBuilt(
      "rotate: this program was built without CUDA; use --device cpu, or build with NEXTBEST_CUDA=ON");
}

}  // namespace nextbest::cuda
