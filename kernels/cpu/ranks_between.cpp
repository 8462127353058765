#include "kernels/cpu/ranks_between.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/ranks_between.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nextbest::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

std::size_t ranks_between(std::span<const std::uint32_t> ranks, std::uint32_t begin, std::uint32_t end,
                          std::uint32_t* kept) {
  const hn::CappedTag<std::uint32_t, kRanksPadding> d;
  const auto first = hn::Set(d, begin), width = hn::Set(d, end - begin);
  std::size_t n = 0, i = 0;
  for (; i + hn::Lanes(d) <= ranks.size(); i += hn::Lanes(d)) {
    const auto rank = hn::LoadU(d, ranks.data() + i);
    const auto between = hn::Lt(hn::Sub(rank, first), width);  // one comparison: modulo 2^32
    hn::StoreU(hn::Compress(rank, between), d, kept + n);      // CompressStore takes 100 cycles on some machines
    n += hn::CountTrue(d, between);
  }
  for (; i < ranks.size(); ++i) {
    kept[n] = ranks[i];
    n += ranks[i] - begin < end - begin;
  }
  return n;
}

}  // namespace nextbest::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nextbest::cpu {

HWY_EXPORT(ranks_between);

std::size_t ranks_between(std::span<const std::uint32_t> ranks, std::uint32_t begin, std::uint32_t end,
                          std::uint32_t* kept) {
  return HWY_DYNAMIC_DISPATCH(ranks_between)(ranks, begin, end, kept);
}

}  // namespace nextbest::cpu
#endif
