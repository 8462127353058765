#pragma once

#include "kernels/cuda/device/block_selection.cuh"
#include "kernels/cuda/device/pair_counters.cuh"
#include "kernels/cuda/device/warp.cuh"
#include "kernels/math/association.hpp"

namespace nextbest::cuda {

/// What all rows of a call share.
struct PairRowParams {
  Measure measure;
  std::int64_t min_support;
  std::int64_t min_customers;
  double shrinkage;
  std::uint32_t k;   ///< pairs to select: at most the number of items
  Offset columns;    ///< of the lists; those beyond the selected pairs are closed
  Offset first_row;  ///< of the lists
};

/// The lists of rows [first_row, ...) on the device, `columns` places each, without gaps.
struct DevicePairLists {
  Code* item;
  float* score;
  std::int64_t* count;
  std::int64_t* weight;
  std::int64_t* customers;
  double* expected;
};

/// What a block needs beside its counters.
struct PairSide {
  unsigned long long* bins;  ///< [size_count] weight of the row's units of each size
  std::uint32_t* active;     ///< [size_count] the sizes with weight, ascending; `BlockState::active` of them
  Candidates kept;
};

struct PairBlockState {
  std::uint32_t row;   ///< place in the queue of rows
  std::uint32_t full;  ///< an item found no slot
  std::uint32_t active;
  SelectionState selection;
};

/// Lists the sizes that occur. One warp does it, in order; the others wait.
__device__ inline void list_sizes(const DevicePairs& pairs, const PairSide& side, PairBlockState& state) {
  if (threadIdx.x < kWarpSize) {
    std::uint32_t listed = 0;
    for (std::uint32_t base = 0; base < pairs.size_count; base += kWarpSize) {
      const std::uint32_t size = base + threadIdx.x;
      const bool occurs = size < pairs.size_count && side.bins[size] != 0;
      const unsigned votes = __ballot_sync(kWholeWarp, occurs);
      if (occurs) side.active[listed + __popc(votes & ((1U << threadIdx.x) - 1))] = size;
      listed += __popc(votes);
    }
    if (threadIdx.x == 0) state.active = listed;
  }
  __syncthreads();  // the list before it is read
}

/// E_ab for an item of share P, as ops/pair_top_k.hpp defines it.
__device__ inline double expected_together(const DevicePairs& pairs, const PairSide& side, std::uint32_t active,
                                           double share) {
  double chance = 0, sum = 0;
  Offset m = 0;
  for (std::uint32_t i = 0; i < active; ++i) {
    const Offset others = pairs.sizes[side.active[i]];
    chance = chance_after(chance, share, others - m);
    m = others;
    sum += from_fixed(static_cast<std::int64_t>(side.bins[side.active[i]])) * chance;
  }
  return sum;
}

/// The counts of one pair, in the units that the measures use.
struct DevicePairCount {
  std::int64_t count;
  std::int64_t weight;
  std::int64_t customers;
};

__device__ inline DevicePairCount count_in(const PairSlots& slots, std::uint32_t slot) {
  const std::int64_t count = slots.count[slot];
  if (slots.weight == nullptr) return {count, count << kWeightBits, 0};
  return {count, static_cast<std::int64_t>(slots.weight[slot]), slots.customers[slot]};
}

__device__ inline double in_measure_units(const DevicePairs& pairs, std::int64_t number) {
  return pairs.weights == nullptr ? static_cast<double>(number) : from_fixed(number);
}

__device__ inline double share_of(const DevicePairs& pairs, Code b) {
  return in_measure_units(pairs, pairs.right_number[b]) / pairs.all_lines;
}

/// Whether the pair in `slot` may be listed, and how it ranks.
__device__ inline bool rank_pair(const DevicePairs& pairs, const PairRowParams& params, const PairSide& side,
                                 std::uint32_t active, Code a, const PairSlots& slots, std::uint32_t slot,
                                 Ranked& rank) {
  const DevicePairCount n = count_in(slots, slot);
  if (n.count < 1 || n.count < params.min_support || n.customers < params.min_customers) return false;
  const Code b = slots.item(slot);
  const PairCounts numbers{in_measure_units(pairs, pairs.weights == nullptr ? n.count : n.weight),
                           in_measure_units(pairs, pairs.left_number[a]),
                           in_measure_units(pairs, pairs.right_number[b]), pairs.all_units};
  if (params.measure == Measure::kLlr && !positively_associated(numbers)) return false;
  const double expected =
      params.measure == Measure::kShrunkLift ? expected_together(pairs, side, active, share_of(pairs, b)) : 0;
  rank = {static_cast<float>(association(params.measure, numbers, expected, params.shrinkage)), pairs.right_count[b],
          b};
  return true;
}

__device__ inline void write_place(const DevicePairs& pairs, const PairSlots& slots, const PairSide& side,
                                   std::uint32_t active, bool closed, std::uint32_t place, Offset at,
                                   const DevicePairLists& out) {
  if (closed) {
    out.item[at] = kNoCode;
    out.score[at] = 0;
    out.count[at] = out.weight[at] = out.customers[at] = 0;
    out.expected[at] = 0;
    return;
  }
  const Ranked rank = side.kept.ranked(place);
  const DevicePairCount n = count_in(slots, side.kept.slot[place]);
  out.item[at] = rank.item;
  out.score[at] = rank.score;
  out.count[at] = n.count;
  out.weight[at] = n.weight;
  out.customers[at] = n.customers;
  out.expected[at] = expected_together(pairs, side, active, share_of(pairs, rank.item));
}

/// Measures, selects and writes a row that has been counted. The whole block must call it, after a barrier; it ends
/// with one.
__device__ inline void finish_row(const DevicePairs& pairs, const PairRowParams& params, Code a, const PairSlots& slots,
                                  const PairSide& side, PairBlockState& state, const DevicePairLists& out) {
  if (threadIdx.x == 0) state.selection.size = state.selection.full = 0;
  list_sizes(pairs, side, state);
  for (std::uint32_t base = 0; base < slots.capacity; base += blockDim.x) {
    const std::uint32_t slot = base + threadIdx.x;
    Ranked rank{};
    const bool valid = slot < slots.capacity && rank_pair(pairs, params, side, state.active, a, slots, slot, rank);
    offer_candidates(side.kept, state.selection, params.k, valid, rank, slot);
  }
  cut_candidates(side.kept, state.selection, params.k);
  const std::uint32_t listed = state.selection.size;
  for (Offset place = threadIdx.x; place < params.columns; place += blockDim.x)
    write_place(pairs, slots, side, state.active, place >= listed, static_cast<std::uint32_t>(place),
                (a - params.first_row) * params.columns + place, out);
  __syncthreads();  // the row's memory is read before the next row takes it
}

}  // namespace nextbest::cuda
