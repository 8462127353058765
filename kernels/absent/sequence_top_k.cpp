#include "kernels/ops/sequence_top_k.hpp"

#include "kernels/core/error.hpp"

namespace nextbest::cuda {

void sequence_top_k(Context&, const Sequences&, const CsrView<float>&, const SequenceParams&, const SequenceLists&) {
  throw BackendNotBuilt(
      "sequence_top_k: this program was built without CUDA; use --device cpu, or build with NEXTBEST_CUDA=ON");
}

}  // namespace nextbest::cuda
