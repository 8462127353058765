#pragma once

#include <bit>
#include <cstdint>

#include "kernels/core/host_device.hpp"

namespace nextbest {

/// ln x for finite x > 0 that are not subnormal, within 4 units in the last place. Made of additions, multiplications
/// and one division only, so that the bits are the same on every machine and in every lane of vector code, wherever the
/// compiler does not contract: x = 2^k m with m in [sqrt(1/2), sqrt(2)), s = (m - 1) / (m + 1),
///     ln x = k ln 2 + 2 s (1 + s^2/3 + s^4/5 + ...),   |s| < 0.1716, so the first term left out is below 2^-57.
NEXTBEST_HOST_DEVICE inline double natural_log(double x) {
  constexpr std::uint64_t kSqrtHalf = 0x3FE6A09E667F3BCD;                                       // the bits of sqrt(1/2)
  constexpr std::uint64_t kExponent = std::uint64_t{0xFFF} << 52, kWhole = 0x4330000000000000;  // the bits of 2^52
  constexpr double kLn2High = 0x1.62e42fee00000p-1, kLn2Low = 0x1.a39ef35793c76p-33;            // k kLn2High is exact
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x), above = bits - kSqrtHalf;
  // Where the bits of 2^52 are joined with those of a small integer stands their sum: no conversion is needed, which
  // many vector units lack for 64 bits.
  const std::uint64_t exponent = (above + (std::uint64_t{2048} << 52)) >> 52;
  const double k = std::bit_cast<double>(kWhole | exponent) - (4503599627370496.0 + 2048);
  const double m = std::bit_cast<double>(bits - (above & kExponent));
  const double s = (m - 1) / (m + 1), z = s * s;
  double series = 1.0 / 23;
  series = series * z + 1.0 / 21;
  series = series * z + 1.0 / 19;
  series = series * z + 1.0 / 17;
  series = series * z + 1.0 / 15;
  series = series * z + 1.0 / 13;
  series = series * z + 1.0 / 11;
  series = series * z + 1.0 / 9;
  series = series * z + 1.0 / 7;
  series = series * z + 1.0 / 5;
  series = series * z + 1.0 / 3;
  return k * kLn2High + (2 * s + (2 * s * z * series + k * kLn2Low));
}

}  // namespace nextbest
