#include "kernels/cpu/keep_where.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/keep_where.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nextbest::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

std::size_t keep_where(std::span<const std::uint32_t> ranks, const std::uint32_t* number, std::uint32_t begin,
                       std::uint32_t end, std::uint32_t* kept) {
  const hn::CappedTag<std::uint32_t, kKeptPadding> d;
  const auto first = hn::Set(d, begin), width = hn::Set(d, end - begin);
  std::size_t n = 0, i = 0;
  for (; i + hn::Lanes(d) <= ranks.size(); i += hn::Lanes(d)) {
    const auto within = hn::Lt(hn::Sub(hn::LoadU(d, number + i), first), width);  // one comparison: modulo 2^32
    // Not CompressStore, which takes 100 cycles on some machines.
    hn::StoreU(hn::Compress(hn::LoadU(d, ranks.data() + i), within), d, kept + n);
    n += hn::CountTrue(d, within);
  }
  for (; i < ranks.size(); ++i) {
    kept[n] = ranks[i];
    n += number[i] - begin < end - begin;
  }
  return n;
}

}  // namespace nextbest::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nextbest::cpu {

HWY_EXPORT(keep_where);

std::size_t keep_where(std::span<const std::uint32_t> ranks, const std::uint32_t* number, std::uint32_t begin,
                       std::uint32_t end, std::uint32_t* kept) {
  return HWY_DYNAMIC_DISPATCH(keep_where)(ranks, number, begin, end, kept);
}

}  // namespace nextbest::cpu
#endif
