#pragma once

#include <vector>

#include "kernels/cuda/buffer.hpp"
#include "kernels/ops/pair_index.hpp"

namespace nextbest::cuda {

/// The units on the device, as kernels see them. Pointers that are nullptr: there are none of it.
struct DevicePairs {
  DeviceCsr by_item;                  ///< [items, units]: the units that hold an item
  DeviceCsr right;                    ///< [units, items]: where the items b stand
  const std::int64_t* weights;        ///< [units] fixed point 2^-20, or nullptr
  const Code* customers;              ///< [units], or nullptr
  const std::int64_t* left_number;    ///< [items] n_a: counts, or sums of weights where there are weights
  const std::int64_t* right_number;   ///< [items] n_b likewise
  const std::int64_t* right_count;    ///< [items] n_b as a count: popularity
  const std::uint32_t* size_of_unit;  ///< [units] place in `sizes`
  const Offset* sizes;                ///< the distinct numbers of other items in a unit, ascending
  std::uint32_t size_count;
  double all_units;  ///< U
  double all_lines;  ///< sum over b of n_b
};

/// Lives on the device; remembers on the host how much work each row is.
class CudaPairIndex : public PairIndex {
 public:
  explicit CudaPairIndex(Context& ctx, const PairUnits& units);

  const DevicePairs& view() const { return view_; }
  /// Increments of counters that row a costs, [items].
  const std::vector<std::int64_t>& work() const { return work_; }

 private:
  void count_sizes(const PairUnits& units);
  void measure_work();

  Stream stream_;
  CsrBuffer right_, by_item_;
  Buffer<std::int64_t> weights_, left_number_, right_number_, right_count_;
  Buffer<Code> customers_;
  Buffer<std::uint32_t> size_of_unit_;
  Buffer<Offset> sizes_;
  std::vector<std::int64_t> work_;
  DevicePairs view_{};
};

}  // namespace nextbest::cuda
