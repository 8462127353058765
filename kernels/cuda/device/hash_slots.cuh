#pragma once

#include <cstdint>

#include "kernels/cuda/device/shared.cuh"

namespace nextbest::cuda {

inline constexpr std::uint32_t kFreeKey = 0xFFFFFFFF, kNoSlot = 0xFFFFFFFF;

/// The slot of `key` in a table that many threads fill, taken now where the key is new; kNoSlot when `most_probes`
/// neighbours all belong to others.
/// keys  [capacity] key, or kFreeKey; capacity is a power of two
__device__ inline std::uint32_t take_slot(std::uint32_t* keys, std::uint32_t capacity, std::uint32_t key,
                                          std::uint32_t most_probes) {
  std::uint32_t at = (key * 0x9E3779B1U >> 7) & (capacity - 1);
  for (std::uint32_t probe = 0; probe < most_probes; ++probe) {
    std::uint32_t found = peek(&keys[at]);
    if (found == kFreeKey) found = atomicCAS(&keys[at], kFreeKey, key);
    if (found == kFreeKey || found == key) return at;
    at = (at + 1) & (capacity - 1);
  }
  return kNoSlot;
}

}  // namespace nextbest::cuda
