#pragma once

#include "kernels/cuda/device/block_selection.cuh"
#include "kernels/cuda/device/hash_slots.cuh"
#include "kernels/cuda/row_tables.hpp"

namespace nextbest::cuda {

/// What a block shares while it sums up a row and selects from it; lies in shared memory.
struct RowTableState {
  std::uint32_t row;  ///< place in the queue
  SelectionState selection;
};

/// A block's part of TableMemory.
__device__ inline unsigned char* table_of_block(const TableMemory& memory, unsigned char* shared) {
  return memory.tables == nullptr ? shared : memory.tables + blockIdx.x * memory.table_bytes();
}
__device__ inline Candidates candidates_of_block(const TableMemory& memory, unsigned char* shared) {
  unsigned char* at = memory.candidate_lists != nullptr
                          ? memory.candidate_lists + blockIdx.x * memory.candidate_bytes()
                          : shared + (memory.tables == nullptr ? memory.table_bytes() : 0);
  Candidates kept{memory.candidates, reinterpret_cast<std::int64_t*>(at), nullptr, nullptr, nullptr};
  kept.score = reinterpret_cast<float*>(kept.popularity + memory.candidates);
  kept.item = reinterpret_cast<Code*>(kept.score + memory.candidates);
  kept.slot = reinterpret_cast<std::uint32_t*>(kept.item + memory.candidates);
  return kept;
}

/// Lets the block have its next row. The whole block must call it, after a barrier or at the start; it ends with one.
__device__ inline bool next_row(const TableQueue& queue, RowTableState& state) {
  if (threadIdx.x == 0) state.row = atomicAdd(queue.next, 1U);
  __syncthreads();  // the row is known
  return state.row < queue.size;
}

/// Selects the best k of the slots that are taken, leaves out those for which rank(slot, ranked) says no, and writes
/// `columns` places of a list. The whole block must call it, after a barrier; it ends with one.
template <class Rank>
__device__ void write_best_slots(const std::uint32_t* keys, std::uint32_t capacity, const Candidates& kept,
                                 RowTableState& state, const TableLists& out, Offset row, Rank&& rank) {
  SelectionState& selection = state.selection;
  if (threadIdx.x == 0) selection.size = selection.full = 0;
  __syncthreads();  // an empty list before it is offered anything
  for (std::uint32_t base = 0; base < capacity; base += blockDim.x) {
    const std::uint32_t slot = base + threadIdx.x;
    Ranked ranked{};
    const bool valid = slot < capacity && keys[slot] != kFreeKey && rank(slot, ranked);
    offer_candidates(kept, selection, out.selected, valid, ranked, slot);
  }
  cut_candidates(kept, selection, out.selected);
  for (Offset place = threadIdx.x; place < out.columns; place += blockDim.x) {
    const bool listed = place < selection.size;
    out.item[row * out.columns + place] = listed ? kept.item[place] : kNoCode;
    out.score[row * out.columns + place] = listed ? kept.score[place] : 0;
  }
  __syncthreads();  // the row's memory is read before the next row takes it
}

}  // namespace nextbest::cuda
