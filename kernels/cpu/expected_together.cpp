#include "kernels/cpu/expected_together.hpp"

#include <algorithm>

#include "kernels/math/association.hpp"
#include "kernels/math/fixed_point.hpp"

namespace nextbest::cpu {

void ExpectedTogether::close() {
  std::sort(others_.begin(), others_.end());
  double sum = 0;
  for (const Offset m : others_) sum += from_fixed(weight_[m]) * static_cast<double>(m);
  chord_ = sum > 0 ? sum / static_cast<double>(others_.back()) : 0;
}

void ExpectedTogether::clear() {
  for (const Offset m : others_) weight_[m] = 0;
  others_.clear();
}

ExpectedTogether::Lanes ExpectedTogether::expected(const Lanes& share) const {
  Lanes chance{}, sum{};
  Offset m = 0;
  for (const Offset others : others_) {
    if (others == m + 1)  // the common step, written so that it becomes vector code
      for (int i = 0; i < kLanes; ++i) chance[i] += (1 - chance[i]) * share[i];
    else
      for (int i = 0; i < kLanes; ++i) chance[i] = chance_after(chance[i], share[i], others - m);
    m = others;
    const double weight = from_fixed(weight_[m]);
    for (int i = 0; i < kLanes; ++i) sum[i] += weight * chance[i];
  }
  return sum;
}

double ExpectedTogether::lower_bound(double share) const {
  return others_.empty() ? 0 : chord_ * chance_after(0, share, others_.back());
}

}  // namespace nextbest::cpu
