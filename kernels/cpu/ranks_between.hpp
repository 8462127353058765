#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace nextbest::cpu {

/// Numbers by which one may write past the end of what ranks_between() gives.
inline constexpr std::size_t kRanksPadding = 64;

/// Writes the ranks in [begin, end) in their order and returns how many there are.
/// kept  room for all of `ranks` and kRanksPadding more; does not overlap them
/// Run-time choice of the instruction set.
std::size_t ranks_between(std::span<const std::uint32_t> ranks, std::uint32_t begin, std::uint32_t end,
                          std::uint32_t* kept);

}  // namespace nextbest::cpu
