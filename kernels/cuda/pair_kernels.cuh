#pragma once

#include "kernels/core/host_device.hpp"
#include "kernels/cuda/device/pair_row.cuh"
#include "kernels/cuda/stream.hpp"

namespace nextbest::cuda {

/// How much memory a block has for a row, and where the part beside the counters lies.
struct PairBlockMemory {
  std::uint32_t slots;  ///< counters, a power of two; 0 where they lie elsewhere
  bool full;            ///< weights and customers are counted too
  std::uint32_t candidates;
  std::uint32_t size_count;
  unsigned char* elsewhere;  ///< nullptr: shared memory; else side_bytes() for each block

  NEXTBEST_HOST_DEVICE std::size_t slot_bytes() const {
    return static_cast<std::size_t>(slots) * (full ? 3 * sizeof(std::uint32_t) + 8 : 2 * sizeof(std::uint32_t));
  }
  NEXTBEST_HOST_DEVICE std::size_t side_bytes() const {
    constexpr std::size_t kCandidate = 8 + 4 + 4 + 4, kSize = 8 + 4;
    return (candidates * kCandidate + size_count * kSize + 15) / 16 * 16;
  }
  NEXTBEST_HOST_DEVICE std::size_t shared_bytes() const {
    return slot_bytes() + (elsewhere == nullptr ? side_bytes() : 0);
  }
};

/// Rows to be done by whichever block comes next; those whose counters did not fit are handed back.
struct PairRowQueue {
  const Code* rows;
  std::uint32_t size;
  std::uint32_t* next;
  Code* refused;
  std::uint32_t* refused_size;
};

/// Counters in global memory for rows that are too large for a block's: one of each array per row of a batch.
struct DensePairCounters {
  std::uint32_t* count;        ///< [rows, items]
  unsigned long long* weight;  ///< [rows, items] or nullptr
  std::uint32_t* customers;    ///< likewise
  unsigned long long* bins;    ///< [rows, size_count]
  std::uint32_t items;
};

/// `blocks` blocks take rows from the queue and count them in shared memory.
void launch_hashed_rows(const Stream& stream, Offset blocks, int threads, const DevicePairs& pairs,
                        const PairRowParams& params, const PairRowQueue& queue, const PairBlockMemory& memory,
                        const DevicePairLists& out);
/// Counts each of rows [n] in global memory, with `parts` blocks per row; the counters are 0 before.
void launch_dense_count(const Stream& stream, Offset parts, const DevicePairs& pairs, const Code* rows, Offset n,
                        const DensePairCounters& counters);
/// Selects from the counters of rows [n], a block per row.
void launch_dense_select(const Stream& stream, int threads, const DevicePairs& pairs, const PairRowParams& params,
                         const Code* rows, Offset n, const DensePairCounters& counters, const PairBlockMemory& memory,
                         const DevicePairLists& out);

}  // namespace nextbest::cuda
