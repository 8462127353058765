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

constexpr int kLanes = ExpectedTogether::kLanes;

// chance_after() of all lanes, which take its steps together: `more` is the same for all.
HWY_FLATTEN void grow_chance(double* chance, const double* share, Offset more) {
  double step[kLanes];
  std::copy_n(share, kLanes, step);
  for (; more > 0; more >>= 1) {
    if (more & 1)
      for (int i = 0; i < kLanes; ++i) chance[i] += (1 - chance[i]) * step[i];
    for (int i = 0; i < kLanes; ++i) step[i] += (1 - step[i]) * step[i];
  }
}

// Plain loops over the shares, which the compiler turns into the vectors of this target: several of them side by side,
// because each step waits for the one before.
void expected_of_lanes(const Offset* others, const double* weight, std::size_t sizes, const double* share,
                       double* result) {
  double chance[kLanes] = {}, sum[kLanes] = {};
  Offset m = 0;
  for (std::size_t s = 0; s < sizes; ++s) {
    if (others[s] == m + 1)  // the common step
      for (int i = 0; i < kLanes; ++i) chance[i] += (1 - chance[i]) * share[i];
    else
      grow_chance(chance, share, others[s] - m);
    m = others[s];
    for (int i = 0; i < kLanes; ++i) sum[i] += weight[s] * chance[i];
  }
  std::copy_n(sum, kLanes, result);
}

}  // namespace nextbest::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nextbest::cpu {

HWY_EXPORT(expected_of_lanes);

void ExpectedTogether::close() {
  others_.clear();
  number_.clear();
  double sum = 0;
  for (Offset m = 0; m <= largest_; ++m) {
    if (weight_[m] == 0) continue;
    others_.push_back(m);
    number_.push_back(from_fixed(weight_[m]));
    sum += number_.back() * static_cast<double>(m);
  }
  chord_ = sum > 0 ? sum / static_cast<double>(largest_) : 0;
}

void ExpectedTogether::clear() {
  std::fill_n(weight_.begin(), largest_ + 1, 0);
  largest_ = 0;
  others_.clear();
}

void ExpectedTogether::expected(const double* share, std::size_t n, double* result) const {
  for (std::size_t i = 0; i < n; i += kLanes) {
    double some[kLanes] = {}, sum[kLanes];
    const std::size_t lanes = std::min<std::size_t>(kLanes, n - i);
    std::copy_n(share + i, lanes, some);
    HWY_DYNAMIC_DISPATCH(expected_of_lanes)(others_.data(), number_.data(), others_.size(), some, sum);
    std::copy_n(sum, lanes, result + i);
  }
}

double ExpectedTogether::lower_bound(double share) const {
  return others_.empty() ? 0 : chord_ * chance_after(0, share, largest_);
}

}  // namespace nextbest::cpu
#endif
