#pragma once

#include "kernels/ops/device_bytes.hpp"
#include "kernels/ops/pair_top_k.hpp"

namespace nextbest::cuda {

/// Where rows go by their size. The lists do not depend on it; tests set it so that small cases take every way.
struct PairTuning {
  /// A row is counted by hashing in the first of these that is one and a half times as large as the row could get, or
  /// in the last, from which it is handed on when it does not fit after all.
  struct Class {
    std::uint32_t slots;
    int threads;
  };
  static constexpr int kClasses = 4;
  Class classes[kClasses] = {{256, 64}, {1024, 128}, {4096, 256}, {16'384, 512}};
  int dense_threads = 512;                   ///< of the block that selects from counters in global memory
  std::int64_t heavy_work = kHeavyPairWork;  ///< rows of more increments are counted in global memory, by many blocks
  std::int64_t dense_bytes = kDenseCounterBytes;  ///< of such counters at a time; a quarter of what is free at most
  std::int64_t list_bytes = kPairListBytes;       ///< of lists on the device at a time, likewise
  std::size_t side_bytes = 48 * 1024;             ///< more than that beside the counters goes to global memory
};

void pair_top_k(Context& ctx, const PairIndex& units, const PairParams& params, const PairLists& out,
                const PairTuning& tuning);

}  // namespace nextbest::cuda
