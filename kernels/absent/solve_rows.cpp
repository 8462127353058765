#include "kernels/ops/solve_rows.hpp"

#include "kernels/core/error.hpp"

namespace nextbest::cuda {

void solve_rows(Context&, const RowSystems&, Matrix<float>) {
  throw BackendNotBuilt(
      "solve_rows: this program was built without CUDA; use --device cpu, or build with NEXTBEST_CUDA=ON");
}

}  // namespace nextbest::cuda
