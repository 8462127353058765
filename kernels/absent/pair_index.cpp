#include "kernels/ops/pair_index.hpp"

#include "kernels/core/error.hpp"

namespace nextbest::cuda {

std::unique_ptr<const PairIndex> index_pairs(Context&, const PairUnits&) {
  throw BackendNotBuilt(
      "index_pairs: this program was built without CUDA; use --device cpu, or build with NEXTBEST_CUDA=ON");
}

}  // namespace nextbest::cuda
