#pragma once

#include <utility>

#include "kernels/ops/pair_index.hpp"

namespace nextbest::cpu {

class CpuPairIndex : public PairIndex {
 public:
  CpuPairIndex(Context& ctx, const PairUnits& given);

  PairUnits units() const {
    return {baskets_.view(), weights_, customers_, cross_ ? partners_.view() : CsrView<float>{}};
  }
  CsrView<float> by_item() const { return by_item_.view(); }

 private:
  bool cross_;
  Csr<float> baskets_, partners_, by_item_;
  std::vector<std::int64_t> weights_;
  std::vector<Code> customers_;
};

}  // namespace nextbest::cpu
