#pragma once

#include "kernels/cuda/pair_index.hpp"
#include "kernels/cuda/pair_top_k.hpp"

namespace nextbest::cuda {

inline PairLists slice(const PairLists& lists, Offset begin, Offset end) {
  return {lists.item.slice(begin, end),   lists.score.slice(begin, end),     lists.count.slice(begin, end),
          lists.weight.slice(begin, end), lists.customers.slice(begin, end), lists.expected.slice(begin, end)};
}

/// pair_top_k() with pairs that are on the device.
void pairs_of_resident(const Context& ctx, const ResidentPairs& index, const PairParams& params, const PairLists& out,
                       const PairTuning& tuning);

/// pair_top_k() with units that do not fit: fewer rows at a time, and of those the lists of one half of the items b and
/// then of the other, made into one. Host memory: the lists once more for each time that the items b are divided.
void pairs_in_parts(const Context& ctx, const CudaPairIndex& index, const PairParams& params, const PairLists& out,
                    const PairTuning& tuning);

}  // namespace nextbest::cuda
