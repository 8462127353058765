#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace nextbest::cpu {

/// Numbers by which keep_where() may write past the end of what it keeps.
inline constexpr std::size_t kKeptPadding = 64;

/// Writes the ranks whose number lies in [begin, end), in their order, and returns how many there are.
/// number  [ranks]; may be the ranks themselves
/// kept    room for all of `ranks` and kKeptPadding more; does not overlap the others
/// Run-time choice of the instruction set.
std::size_t keep_where(std::span<const std::uint32_t> ranks, const std::uint32_t* number, std::uint32_t begin,
                       std::uint32_t end, std::uint32_t* kept);

}  // namespace nextbest::cpu
