#include "kernels/ops/gramian.hpp"

#include "kernels/core/error.hpp"

namespace nextbest::cuda {

void gramian(Context&, Matrix<const float>, Matrix<double>) {
  throw BackendNotBuilt(
      "gramian: this program was built without CUDA; use --device cpu, or build with NEXTBEST_CUDA=ON");
}

}  // namespace nextbest::cuda
