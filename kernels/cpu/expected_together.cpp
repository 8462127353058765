#include "kernels/cpu/expected_together.hpp"

#include <algorithm>

#include "kernels/math/association.hpp"
#include "kernels/math/fixed_point.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/expected_together.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nextbest::cpu::HWY_NAMESPACE {

// Plain loops over eight shares, which the compiler turns into the vectors of this target.
void expected_of_eight(const Offset* others, const double* weight, std::size_t sizes, const double* share,
                       double* result) {
  constexpr int kLanes = 8;
  double chance[kLanes] = {}, sum[kLanes] = {};
  Offset m = 0;
  for (std::size_t s = 0; s < sizes; ++s) {
    if (others[s] == m + 1)  // the common step
      for (int i = 0; i < kLanes; ++i) chance[i] += (1 - chance[i]) * share[i];
    else
      for (int i = 0; i < kLanes; ++i) chance[i] = chance_after(chance[i], share[i], others[s] - m);
    m = others[s];
    for (int i = 0; i < kLanes; ++i) sum[i] += weight[s] * chance[i];
  }
  std::copy_n(sum, kLanes, result);
}

}  // namespace nextbest::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nextbest::cpu {

HWY_EXPORT(expected_of_eight);

void ExpectedTogether::close() {
  std::sort(others_.begin(), others_.end());
  number_.clear();
  double sum = 0;
  for (const Offset m : others_) {
    number_.push_back(from_fixed(weight_[m]));
    sum += number_.back() * static_cast<double>(m);
  }
  chord_ = sum > 0 ? sum / static_cast<double>(others_.back()) : 0;
}

void ExpectedTogether::clear() {
  for (const Offset m : others_) weight_[m] = 0;
  others_.clear();
}

void ExpectedTogether::expected(const double* share, std::size_t n, double* result) const {
  for (std::size_t i = 0; i < n; i += 8) {
    double eight[8] = {}, sum[8];
    const std::size_t lanes = std::min<std::size_t>(8, n - i);
    std::copy_n(share + i, lanes, eight);
    HWY_DYNAMIC_DISPATCH(expected_of_eight)(others_.data(), number_.data(), others_.size(), eight, sum);
    std::copy_n(sum, lanes, result + i);
  }
}

double ExpectedTogether::lower_bound(double share) const {
  return others_.empty() ? 0 : chord_ * chance_after(0, share, others_.back());
}

}  // namespace nextbest::cpu
#endif
