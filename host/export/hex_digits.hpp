#pragma once

#include <array>
#include <cstdint>

namespace nextbest {

/// All 16 of them, lower case.
inline std::array<char, 16> hex_digits(std::uint64_t value) {
  std::array<char, 16> digits;
  for (std::size_t i = digits.size(); i-- > 0; value >>= 4) digits[i] = "0123456789abcdef"[value & 15];
  return digits;
}

}  // namespace nextbest
