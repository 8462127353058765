#pragma once

#include "kernels/ops/item_index.hpp"

namespace nextbest::cpu {

class CpuItemIndex : public ItemIndex {
 public:
  CpuItemIndex(Matrix<const float> factors_, std::span<const std::int64_t> popularity_)
      : ItemIndex(Device::kCpu, factors_.rows, factors_.cols), factors(factors_), popularity(popularity_) {}

  const Matrix<const float> factors;
  const std::span<const std::int64_t> popularity;
};

}  // namespace nextbest::cpu
