#include "kernels/ops/eigenbasis.hpp"

#include "kernels/core/error.hpp"

namespace nextbest::cuda {

void eigenbasis(Context&, Matrix<double>, std::span<double>) {
  throw BackendNotBuilt(
      "eigenbasis: this program was built without CUDA; use --device cpu, or build with NEXTBEST_CUDA=ON");
}

}  // namespace nextbest::cuda
