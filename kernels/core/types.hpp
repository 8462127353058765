#pragma once

#include <cstdint>
#include <limits>

namespace nextbest {

/// Inner code of an item or a customer: its place in the ascending order of ids. Codes are 32 bits wide; everything
/// that counts or addresses (offsets, numbers of lines, sizes in bytes) is 64 bits wide.
using Code = std::int32_t;
using Offset = std::int64_t;

/// Closes a list that is shorter than its row, and stands for "no customer" of an anonymous basket.
inline constexpr Code kNoCode = -1;

/// Microseconds since 1970-01-01 UTC.
using Micros = std::int64_t;
inline constexpr Micros kNoTime = std::numeric_limits<Micros>::min();
inline constexpr Micros kMicrosPerDay = 86'400'000'000;

}  // namespace nextbest
