#include "kernels/cpu/weighted_errors.hpp"

#include <cstddef>

// This file is compiled once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/weighted_errors.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nextbest::cpu {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using DoubleTag = hn::ScalableTag<double>;
using HalfTag = hn::Rebind<float, DoubleTag>;

HWY_INLINE double dot(const float* HWY_RESTRICT x, const float* HWY_RESTRICT y, Offset dim) {
  const DoubleTag d;
  const HalfTag half;
  const Offset lanes = hn::Lanes(d), whole = dim / (2 * lanes) * (2 * lanes);
  auto even = hn::Zero(d), odd = even;
  for (Offset k = 0; k < whole; k += 2 * lanes) {
    even = hn::MulAdd(hn::PromoteTo(d, hn::LoadU(half, x + k)), hn::PromoteTo(d, hn::LoadU(half, y + k)), even);
    odd = hn::MulAdd(hn::PromoteTo(d, hn::LoadU(half, x + k + lanes)), hn::PromoteTo(d, hn::LoadU(half, y + k + lanes)),
                     odd);
  }
  double sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(even, odd)));
  for (Offset k = whole; k < dim; ++k) sum += static_cast<double>(x[k]) * y[k];
  return sum;
}

double squared_errors(const CsrView<float>& ratings, Matrix<const float> users, Matrix<const float> items) {
  constexpr Offset kAhead = 16;
  const Offset end = ratings.indptr.empty() ? 0 : ratings.indptr.back();
  double sum = 0;
  for (Offset r = 0; r < ratings.rows(); ++r)
    for (Offset i = ratings.indptr[r]; i < ratings.indptr[r + 1]; ++i) {
      if (i + kAhead < end) {
        const auto* next = reinterpret_cast<const std::byte*>(items.row(ratings.indices[i + kAhead]));
        for (Offset b = 0; b < items.cols * static_cast<Offset>(sizeof(float)); b += 64) hwy::Prefetch(next + b);
      }
      const double error = dot(users.row(r), items.row(ratings.indices[i]), users.cols) - 1.0;
      sum += (ratings.values.empty() ? 1.0 : static_cast<double>(ratings.values[i])) * error * error;
    }
  return sum;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nextbest::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nextbest::cpu {

HWY_EXPORT(squared_errors);

double weighted_squared_errors(const CsrView<float>& ratings, Matrix<const float> users, Matrix<const float> items) {
  return HWY_DYNAMIC_DISPATCH(squared_errors)(ratings, users, items);
}

}  // namespace nextbest::cpu
#endif  // HWY_ONCE
