#pragma once

#include <cstdint>
#include <span>

namespace nextbest::cpu {

/// So many are sorted faster than the largest of them are found.
inline constexpr std::size_t kMostPlaced = 128;

/// Numbers that can be read behind the last one that sort_keys() sorts.
inline constexpr std::size_t kKeysPadding = 32;

/// Sorts distinct numbers descending.
/// from  kKeysPadding more can be read behind it; is not overwritten; does not overlap `to`
/// Run-time choice of the instruction set.
void sort_keys(std::span<const std::uint64_t> from, std::uint64_t* to);

}  // namespace nextbest::cpu
