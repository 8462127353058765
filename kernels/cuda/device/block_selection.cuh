#pragma once

#include <cmath>
#include <limits>

#include "kernels/cuda/device/shared.cuh"
#include "kernels/math/rank_order.hpp"

namespace nextbest::cuda {

/// Where a block keeps its candidates: [capacity] each, capacity a power of two of at least k + the block's threads.
struct Candidates {
  std::uint32_t capacity;
  std::int64_t* popularity;
  float* score;
  Code* item;
  std::uint32_t* slot;  ///< where the candidate came from

  __device__ Ranked ranked(std::uint32_t i) const { return {score[i], popularity[i], item[i]}; }
  __device__ void put(std::uint32_t i, const Ranked& rank, std::uint32_t from) const {
    score[i] = rank.score;
    popularity[i] = rank.popularity;
    item[i] = rank.item;
    slot[i] = from;
  }
};

/// What the threads of a block share while they select; lies in shared memory.
struct SelectionState {
  std::uint32_t size;
  std::uint32_t full;  ///< 1: k are kept, and the worst of them is `threshold`
  Ranked threshold;
};

__device__ inline void swap_candidates(const Candidates& kept, std::uint32_t i, std::uint32_t j) {
  const Ranked rank = kept.ranked(i);
  const std::uint32_t from = kept.slot[i];
  kept.put(i, kept.ranked(j), kept.slot[j]);
  kept.put(j, rank, from);
}

/// Sorts candidates [0, size), best first (bitonic; the places up to the next power of two are filled with the worst).
/// The whole block must call it; it ends with a barrier.
__device__ inline void sort_candidates(const Candidates& kept, std::uint32_t size) {
  std::uint32_t n = 1;
  while (n < size) n *= 2;
  const Ranked worst{-INFINITY, -1, std::numeric_limits<Code>::max()};
  for (std::uint32_t i = size + threadIdx.x; i < n; i += blockDim.x) kept.put(i, worst, 0);
  __syncthreads();  // all places are filled before they are compared
  for (std::uint32_t run = 2; run <= n; run *= 2)
    for (std::uint32_t step = run / 2; step > 0; step /= 2) {
      for (std::uint32_t i = threadIdx.x; i < n; i += blockDim.x) {
        const std::uint32_t j = i ^ step;
        if (j < i) continue;
        const bool forward = (i & run) == 0;
        if (forward == ranks_before(kept.ranked(j), kept.ranked(i))) swap_candidates(kept, i, j);
      }
      __syncthreads();  // this step's exchanges before the next step's
    }
}

/// Cuts the candidates to the best k, sorted. The whole block must call it, after a barrier; it ends with one.
__device__ inline void cut_candidates(const Candidates& kept, SelectionState& state, std::uint32_t k) {
  const std::uint32_t size = state.size;
  sort_candidates(kept, size);
  if (threadIdx.x == 0 && size >= k) {
    state.size = k;
    state.full = 1;
    state.threshold = kept.ranked(k - 1);
  }
  __syncthreads();  // the new size and threshold are there
}

/// Offers one candidate per thread (`valid`: this thread has one). The whole block must call it; ends with a barrier.
__device__ inline void offer_candidates(const Candidates& kept, SelectionState& state, std::uint32_t k, bool valid,
                                        const Ranked& rank, std::uint32_t from) {
  if (valid && (state.full == 0 || ranks_before(rank, state.threshold)))
    kept.put(atomicAdd(&state.size, 1U), rank, from);
  __syncthreads();  // all offers are in
  const bool crowded = state.size + blockDim.x > kept.capacity;
  if (crowded)
    cut_candidates(kept, state, k);
  else
    __syncthreads();  // everybody knows the size before it grows again
}

}  // namespace nextbest::cuda
