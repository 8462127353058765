#pragma once

#include <memory>
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

/// The sizes of the units' right sides, numbered, so that a row's histogram of sizes is a short array, however large
/// one basket is. For units that stay on the host.
struct UnitSizes {
  explicit UnitSizes(const PairUnits& units);
  std::vector<Offset> sizes;
  std::vector<std::uint32_t> of_unit;
};

/// What all parts of an index share; owned by others.
struct PairsOfAll {
  const PairTotals& totals;
  const UnitSizes& sizes;
  std::span<const std::int64_t> weights;
  std::span<const Code> customers;
};

/// Pairs made ready on the device: all, or those of some items a with some items b. Remembers on the host how much work
/// each row is.
class ResidentPairs {
 public:
  /// right  [units, items] the items b that are to be counted;  by_item  [items, units], filled where a is wanted
  ResidentPairs(const PairsOfAll& all, const CsrView<float>& right, const CsrView<float>& by_item);
  /// All units; what else is needed is made on the device.  totals  are set.  @throws as index_pairs()
  ResidentPairs(const PairUnits& units, PairTotals& totals);

  const DevicePairs& view() const { return view_; }
  Offset items() const { return view_.right.cols; }
  bool weighted() const { return view_.weights != nullptr; }
  bool with_customers() const { return view_.customers != nullptr; }
  /// Increments of counters that row a costs, [items].
  const std::vector<std::int64_t>& work() const { return work_; }

 private:
  /// What a view shows beside the members that hold the units.
  void bring_numbers(const PairTotals& totals, std::span<const Offset> sizes);

  Stream stream_;
  CsrBuffer right_, by_item_;
  Buffer<std::int64_t> weights_, left_number_, right_number_, right_count_;
  Buffer<Code> customers_;
  Buffer<std::uint32_t> size_of_unit_;
  Buffer<Offset> sizes_;
  std::vector<std::int64_t> work_;
  DevicePairs view_{};
};

/// The units on the host, where they do not fit onto the device: pair_top_k makes them ready part by part.
struct HostPairs {
  HostPairs(Context& ctx, const PairUnits& units);
  PairsOfAll all(const PairTotals& totals) const { return {totals, sizes, weights, customers}; }

  Csr<float> right, by_item;
  std::vector<std::int64_t> weights;
  std::vector<Code> customers;
  UnitSizes sizes;
};

class CudaPairIndex : public PairIndex {
 public:
  /// Units on the device, or where they do not fit on the host.
  struct Ready {
    PairTotals totals;
    std::unique_ptr<const ResidentPairs> resident;
    std::unique_ptr<const HostPairs> host;
  };
  CudaPairIndex(const PairUnits& units, Ready ready)
      : PairIndex(Device::kCuda, units, std::move(ready.totals)),
        resident_(std::move(ready.resident)),
        host_(std::move(ready.host)) {}
  const ResidentPairs* resident() const { return resident_.get(); }  ///< or nullptr,
  const HostPairs* host() const { return host_.get(); }              ///< and then not this one

 private:
  std::unique_ptr<const ResidentPairs> resident_;
  std::unique_ptr<const HostPairs> host_;
};

}  // namespace nextbest::cuda
