#pragma once

#include <cstdint>
#include <vector>

#include "kernels/cuda/buffer.hpp"
#include "kernels/ops/pair_index.hpp"

namespace nextbest::cuda {

/// What pair_totals() sums up, and the numbered sizes of the units' right sides: see DevicePairs.
struct PairSums {
  PairTotals totals;
  std::vector<Offset> sizes;
  Buffer<std::uint32_t> size_of_unit;
  std::vector<std::int64_t> work;  ///< [items] increments of counters that a row costs
};

/// Units on the device, whose codes in `by_item` are inside the columns.
struct UnitsOnDevice {
  const DeviceCsr& by_item;     ///< [items, units] the transposed baskets
  const DeviceCsr& right;       ///< [units, items]
  bool cross;                   ///< `right` are partners, not the baskets
  const std::int64_t* weights;  ///< [units], or nullptr
};

/// The sums that pair_totals() gives, made where the units are. Waits for the stream. Temporary memory: 8 bytes per
/// item, 8 more with weights, 16 more for cross pairs.
/// @throws InvalidArgument as pair_totals(), and a unit with more codes than there are items
PairSums sum_pairs(const Stream& stream, const UnitsOnDevice& units);

/// For every item: the summed sizes of the right sides of its units, [items].
std::vector<std::int64_t> work_of_items(const Stream& stream, const DeviceCsr& by_item, const DeviceCsr& right);

}  // namespace nextbest::cuda
