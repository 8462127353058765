#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/core/host_device.hpp"

namespace nextbest {

/// Four 32-bit words of the counter-based generator Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
/// 1, 2, 3", SC 2011). The same (seed, stream, index) gives the same bits on every machine and backend.
struct PhiloxBlock {
  std::uint32_t word[4];
};

NEXTBEST_HOST_DEVICE inline PhiloxBlock philox(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  std::uint32_t c0 = static_cast<std::uint32_t>(index), c1 = static_cast<std::uint32_t>(index >> 32);
  std::uint32_t c2 = static_cast<std::uint32_t>(stream), c3 = static_cast<std::uint32_t>(stream >> 32);
  std::uint32_t k0 = static_cast<std::uint32_t>(seed), k1 = static_cast<std::uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53} * c0;
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * c2;
    const std::uint32_t n0 = static_cast<std::uint32_t>(p1 >> 32) ^ c1 ^ k0;
    const std::uint32_t n2 = static_cast<std::uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c0 = n0;
    c1 = static_cast<std::uint32_t>(p1);
    c2 = n2;
    c3 = static_cast<std::uint32_t>(p0);
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return {{c0, c1, c2, c3}};
}

/// Uniform in (0, 1], 53 bits.
NEXTBEST_HOST_DEVICE inline double philox_uniform(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  const PhiloxBlock b = philox(seed, stream, index);
  const std::uint64_t bits = (std::uint64_t{b.word[0]} << 32 | b.word[1]) >> 11;
  return (static_cast<double>(bits) + 1.0) * 0x1p-53;
}

/// Uniform integer in [0, bound) by multiplication (Lemire 2019, without rejection: bias below bound / 2^64).
NEXTBEST_HOST_DEVICE inline std::uint64_t philox_below(std::uint64_t seed, std::uint64_t stream, std::uint64_t index,
                                                       std::uint64_t bound) {
  const PhiloxBlock b = philox(seed, stream, index);
  const std::uint64_t bits = std::uint64_t{b.word[0]} << 32 | b.word[1];
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(bits) * bound) >> 64);
}

/// Standard normal by Box-Muller in double precision, from one block.
NEXTBEST_HOST_DEVICE inline double philox_normal(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  const PhiloxBlock b = philox(seed, stream, index);
  const std::uint64_t bits = (std::uint64_t{b.word[0]} << 32 | b.word[1]) >> 11;
  const double radius = std::sqrt(-2.0 * std::log((static_cast<double>(bits) + 1.0) * 0x1p-53));
  const double angle = 6.283185307179586476925 * (b.word[2] * 0x1p-32);
  return radius * std::cos(angle);
}

}  // namespace nextbest
