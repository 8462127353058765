#pragma once

#include <cstdint>

#include "kernels/core/types.hpp"
#include "kernels/cuda/buffer.hpp"

namespace nextbest::cuda {

/// Pairs to be sorted; the buffers are of one size.
template <class Value>
struct SortedPairs {
  Buffer<std::uint32_t> keys;
  Buffer<Value> values;
};

/// The pairs by ascending key, those of one key in the order in which they came (CUB's radix sort).
/// bound  keys are below it: fewer bits, fewer passes.  Temporary memory: the pairs once more, and little else.
SortedPairs<std::uint32_t> sort_by_key(const Stream& stream, SortedPairs<std::uint32_t> pairs, std::uint64_t bound);
SortedPairs<std::uint64_t> sort_by_key(const Stream& stream, SortedPairs<std::uint64_t> pairs, std::uint64_t bound);

}  // namespace nextbest::cuda
