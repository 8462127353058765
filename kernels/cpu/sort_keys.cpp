#include "kernels/cpu/sort_keys.hpp"

#include <algorithm>
#include <functional>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/sort_keys.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nextbest::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The place of a number is how many are larger: n^2 comparisons in vectors, and no branch that cannot be predicted.
void place_keys(std::span<const std::uint64_t> from, std::uint64_t* to) {
  const hn::CappedTag<std::uint64_t, kKeysPadding / 4> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto one = hn::Set(d, 1);
  std::uint64_t place[kKeysPadding];
  for (std::size_t first = 0; first < from.size(); first += 4 * lanes) {
    const std::uint64_t* const keys = from.data() + first;
    const auto a = hn::LoadU(d, keys), b = hn::LoadU(d, keys + lanes), c = hn::LoadU(d, keys + 2 * lanes),
               e = hn::LoadU(d, keys + 3 * lanes);
    auto before_a = hn::Zero(d), before_b = before_a, before_c = before_a, before_e = before_a;
    for (const std::uint64_t key : from) {
      const auto other = hn::Set(d, key);
      before_a = hn::IfThenElse(hn::Gt(other, a), hn::Add(before_a, one), before_a);
      before_b = hn::IfThenElse(hn::Gt(other, b), hn::Add(before_b, one), before_b);
      before_c = hn::IfThenElse(hn::Gt(other, c), hn::Add(before_c, one), before_c);
      before_e = hn::IfThenElse(hn::Gt(other, e), hn::Add(before_e, one), before_e);
    }
    hn::StoreU(before_a, d, place);
    hn::StoreU(before_b, d, place + lanes);
    hn::StoreU(before_c, d, place + 2 * lanes);
    hn::StoreU(before_e, d, place + 3 * lanes);
    for (std::size_t i = 0; i < std::min(4 * lanes, from.size() - first); ++i) to[place[i]] = keys[i];
  }
}

}  // namespace nextbest::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nextbest::cpu {

HWY_EXPORT(place_keys);

void sort_keys(std::span<const std::uint64_t> from, std::uint64_t* to) {
  if (from.size() <= kMostPlaced) return HWY_DYNAMIC_DISPATCH(place_keys)(from, to);
  std::copy(from.begin(), from.end(), to);
  std::sort(to, to + from.size(), std::greater<>());
}

}  // namespace nextbest::cpu
#endif
