#include "kernels/ops/pair_top_k.hpp"

#include "kernels/core/error.hpp"

namespace nextbest::cuda {

void pair_top_k(Context&, const PairIndex&, const PairParams&, const PairLists&) {
  throw BackendNotBuilt(
      "pair_top_k: this program was built without CUDA; use --device cpu, or build with NEXTBEST_CUDA=ON");
}

}  // namespace nextbest::cuda
