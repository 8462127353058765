#pragma once

#include "kernels/cuda/device/hash_slots.cuh"
#include "kernels/cuda/pair_index.hpp"
#include "kernels/math/fixed_point.hpp"

namespace nextbest::cuda {

/// Counters of one row, a slot per other item: found by hashing, or, where `keys` is nullptr, slot b belongs to item b.
struct PairSlots {
  std::uint32_t capacity;      ///< slots; a power of two where they are hashed
  std::uint32_t* keys;         ///< [capacity] item, or kFreeKey
  std::uint32_t* count;        ///< [capacity]
  unsigned long long* weight;  ///< [capacity], or nullptr where the counts say all
  std::uint32_t* customers;    ///< likewise

  __device__ Code item(std::uint32_t slot) const { return static_cast<Code>(keys == nullptr ? slot : keys[slot]); }
};

/// The slot of item b, taken now where b is new; kNoSlot when the neighbourhood is full.
__device__ inline std::uint32_t slot_of(const PairSlots& slots, Code b) {
  constexpr std::uint32_t kMostProbes = 64;
  const auto key = static_cast<std::uint32_t>(b);
  return slots.keys == nullptr ? key : take_slot(slots.keys, slots.capacity, key, kMostProbes);
}

__device__ inline bool holds(const DeviceCsr& rows, Offset row, Code item) {
  Offset low = rows.indptr[row], high = rows.indptr[row + 1];
  while (low < high) {
    const Offset middle = low + (high - low) / 2;
    if (rows.indices[middle] == item) return true;
    if (rows.indices[middle] < item)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}

/// Whether unit number i of row a is the first one of its customer that holds b. The units of a customer are
/// neighbours, so a look at those just before it decides.
__device__ inline bool first_of_customer(const DevicePairs& pairs, Code a, Offset i, Code b) {
  const Code customer = pairs.customers[pairs.by_item.indices[i]];
  if (customer == kNoCode) return false;
  for (Offset j = i - 1; j >= pairs.by_item.indptr[a]; --j) {
    const Code before = pairs.by_item.indices[j];
    if (pairs.customers[before] != customer) return true;
    if (holds(pairs.right, before, b)) return false;
  }
  return true;
}

/// Where the threads of a block (or of several) that count together stand: `group` of `groups`, eight lanes each.
struct CountingGroup {
  static constexpr int kLanes = 8;
  Offset group;
  Offset groups;
  int lane;
};

/// Counts units [begin, end) of row a's list: a group of lanes takes a unit, a lane every eighth of its items.
/// bins  [size_count] weight of the units of each size, added to
/// full  set, and counting given up, when an item finds no slot; nullptr where there is one for each
__device__ inline void count_units(const DevicePairs& pairs, Code a, Offset begin, Offset end, const PairSlots& slots,
                                   unsigned long long* bins, std::uint32_t* full, const CountingGroup& at) {
  for (Offset i = begin + at.group; i < end; i += at.groups) {
    if (full != nullptr && peek(full) != 0) return;
    const Code u = pairs.by_item.indices[i];
    const auto weight = static_cast<unsigned long long>(pairs.weights == nullptr ? kWeightOne : pairs.weights[u]);
    if (at.lane == 0) atomicAdd(&bins[pairs.size_of_unit[u]], weight);
    for (Offset j = pairs.right.indptr[u] + at.lane; j < pairs.right.indptr[u + 1]; j += CountingGroup::kLanes) {
      const Code b = pairs.right.indices[j];
      if (b == a) continue;
      const std::uint32_t slot = slot_of(slots, b);
      if (slot == kNoSlot) {
        atomicOr(full, 1U);
        return;
      }
      atomicAdd(&slots.count[slot], 1U);
      if (slots.weight == nullptr) continue;
      atomicAdd(&slots.weight[slot], weight);
      if (pairs.customers != nullptr && first_of_customer(pairs, a, i, b)) atomicAdd(&slots.customers[slot], 1U);
    }
  }
}

}  // namespace nextbest::cuda
