#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/core/host_device.hpp"

namespace nextbest {

/// The upper half of a float: 8 bits of exponent, 8 of precision. A place to keep numbers, not to calculate with them:
/// it widens to float exactly, and a float is rounded to it to nearest, ties to even (relative error at most 2^-8
/// above the smallest normal number; what lies beyond the largest becomes infinite; NaN stays NaN).
class BFloat16 {
 public:
  BFloat16() = default;
  NEXTBEST_HOST_DEVICE explicit BFloat16(float value) {
    std::uint32_t wide;
    std::memcpy(&wide, &value, sizeof wide);
    const std::uint32_t tie_to_even = 0x7FFF + (wide >> 16 & 1);
    const bool nan = (wide & 0x7FFF'FFFF) > 0x7F80'0000;
    bits_ = static_cast<std::uint16_t>((nan ? wide | 0x0040'0000 : wide + tie_to_even) >> 16);
  }
  NEXTBEST_HOST_DEVICE operator float() const {
    const std::uint32_t wide = std::uint32_t{bits_} << 16;
    float value;
    std::memcpy(&value, &wide, sizeof value);
    return value;
  }
  NEXTBEST_HOST_DEVICE std::uint16_t bits() const { return bits_; }

 private:
  std::uint16_t bits_ = 0;
};
static_assert(sizeof(BFloat16) == 2);

}  // namespace nextbest
