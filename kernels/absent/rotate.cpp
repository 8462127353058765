#include "kernels/ops/rotate.hpp"

#include "kernels/core/error.hpp"

namespace nextbest::cuda {
namespace {

[[noreturn]] void not_built() {
  throw BackendNotBuilt(
      "rotate: this program was built without CUDA; use --device cpu, or build with NEXTBEST_CUDA=ON");
}

}  // namespace

void rotate(Context&, Matrix<float>, Matrix<const double>) {
  not_built();
}

void rotate_rounded(Context&, Matrix<const float>, Matrix<const double>, Matrix<BFloat16>) {
  not_built();
}

}  // namespace nextbest::cuda
