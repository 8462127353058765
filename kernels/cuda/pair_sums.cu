#include <string>

#include "kernels/core/error.hpp"
#include "kernels/cuda/device/shared.cuh"
#include "kernels/cuda/device/warp.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/pair_sums.hpp"
#include "kernels/math/fixed_point.hpp"

namespace nextbest::cuda {
namespace {

constexpr int kThreads = 256;
constexpr Offset kWordBits = 32;
/// Neighbours in the transposed baskets that a warp sums: the units of one item may be most of all.
constexpr Offset kPieceEntries = 1024;

enum Wrong : unsigned { kLightUnit = 1, kLongUnit = 2, kCodeOutside = 4 };

using Sum = unsigned long long;  // of numbers that are not negative

struct OfAllUnits {
  Sum weight;
  unsigned wrong;
};

// Items but a itself, which is no partner where pairs are symmetric.
__device__ Offset others_in(const DeviceCsr& right, Offset u, Offset self) {
  const Offset size = right.indptr[u + 1] - right.indptr[u];
  return size > self ? size - self : 0;
}

// Thread: every gridDim-th unit. Result: the bits of the sizes that occur, the summed weights, and what is wrong.
__global__ void __launch_bounds__(kThreads)
    units_kernel(DeviceCsr right, Offset self, const std::int64_t* weights, unsigned* occurs, OfAllUnits* all) {
  Sum sum = 0;
  for_each_index(right.rows, [&](Offset u) {
    if (weights != nullptr && weights[u] < 1) atomicOr(&all->wrong, kLightUnit);
    sum += weights == nullptr ? 0 : static_cast<Sum>(weights[u]);
    const Offset size = others_in(right, u, self);
    if (size > right.cols) {
      atomicOr(&all->wrong, kLongUnit);
      return;
    }
    const unsigned bit = 1U << (size % kWordBits);
    if ((peek(&occurs[size / kWordBits]) & bit) == 0) atomicOr(&occurs[size / kWordBits], bit);
  });
  sum = warp_sum(sum);
  if (lane_of_thread() == 0 && sum != 0) atomicAdd(&all->weight, sum);
}

// Thread: every gridDim-th unit. Result: the place of its size.
__global__ void __launch_bounds__(kThreads)
    places_of_sizes_kernel(DeviceCsr right, Offset self, const std::uint32_t* place, std::uint32_t* size_of_unit) {
  for_each_index(right.rows, [&](Offset u) { size_of_unit[u] = place[others_in(right, u, self)]; });
}

__device__ Offset row_of_entry(const DeviceCsr& rows, Offset entry) {
  Offset low = 0, high = rows.rows - 1;  // the first row that ends behind the entry
  while (low < high) {
    const Offset middle = (low + high) / 2;
    if (rows.indptr[middle + 1] > entry)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

// Warp: a piece of the entries, item after item. Lane: every 32nd unit of the item in it. Result: added to work
// [items], and where there are weights to weight [items].
__global__ void __launch_bounds__(kThreads)
    item_sums_kernel(DeviceCsr by_item, DeviceCsr right, const std::int64_t* weights, Sum* work, Sum* weight) {
  const Offset warp = (static_cast<Offset>(blockIdx.x) * kThreads + threadIdx.x) / kWarpSize;
  const Offset first = warp * kPieceEntries;
  const Offset end = first + kPieceEntries < by_item.nnz ? first + kPieceEntries : by_item.nnz;
  for (Offset begin = first; begin < end;) {
    const Offset a = row_of_entry(by_item, begin), of_item = by_item.indptr[a + 1];
    const Offset stop = of_item < end ? of_item : end;
    Sum lines = 0, sum = 0;
    for (Offset i = begin + lane_of_thread(); i < stop; i += kWarpSize) {
      const Code u = by_item.indices[i];
      lines += static_cast<Sum>(right.indptr[u + 1] - right.indptr[u]);
      if (weights != nullptr) sum += static_cast<Sum>(weights[u]);
    }
    lines = warp_sum(lines);
    sum = warp_sum(sum);
    if (lane_of_thread() == 0) {
      atomicAdd(&work[a], lines);
      if (weights != nullptr) atomicAdd(&weight[a], sum);
    }
    begin = stop;
  }
}

// Warp: one unit after another. Lane: every 32nd of its partners. Result: added to count and weight [items].
__global__ void __launch_bounds__(kThreads)
    partners_kernel(DeviceCsr right, const std::int64_t* weights, Sum* count, Sum* weight, OfAllUnits* all) {
  const Offset warps = static_cast<Offset>(gridDim.x) * (kThreads / kWarpSize);
  for (Offset u = (static_cast<Offset>(blockIdx.x) * kThreads + threadIdx.x) / kWarpSize; u < right.rows; u += warps)
    for (Offset i = right.indptr[u] + lane_of_thread(); i < right.indptr[u + 1]; i += kWarpSize) {
      const Code b = right.indices[i];
      if (b < 0 || b >= right.cols) {
        atomicOr(&all->wrong, kCodeOutside);
        continue;
      }
      atomicAdd(&count[b], Sum{1});
      if (weights != nullptr) atomicAdd(&weight[b], static_cast<Sum>(weights[u]));
    }
}

std::vector<std::int64_t> on_host(const Stream& stream, const Buffer<Sum>& sums) {
  std::vector<Sum> host(sums.size());
  to_host(stream, sums.data(), std::span(host));
  stream.synchronize();
  return {host.begin(), host.end()};
}

std::vector<std::int64_t> weights_of(std::vector<std::int64_t> summed, const std::vector<std::int64_t>& count) {
  if (!summed.empty()) return summed;
  summed.reserve(count.size());
  for (const std::int64_t n : count) summed.push_back(n << kWeightBits);
  return summed;
}

struct ItemSums {
  std::vector<std::int64_t> work, weight;
};

ItemSums sum_over_items(const Stream& stream, const DeviceCsr& by_item, const DeviceCsr& right,
                        const std::int64_t* weights) {
  const Buffer<Sum> work = zeros<Sum>(stream, by_item.rows),
                    weight = zeros<Sum>(stream, weights == nullptr ? 0 : by_item.rows);
  const Offset pieces = (by_item.nnz + kPieceEntries - 1) / kPieceEntries;
  launch(stream, "item_sums_kernel", {(pieces * kWarpSize + kThreads - 1) / kThreads, kThreads, 0}, item_sums_kernel,
         by_item, right, weights, work.data(), weight.data());
  return {on_host(stream, work), on_host(stream, weight)};
}

/// n_b of cross pairs.
void sum_over_partners(const Stream& stream, const UnitsOnDevice& units, OfAllUnits* all, PairTotals& totals) {
  const DeviceCsr& right = units.right;
  const Buffer<Sum> count = zeros<Sum>(stream, right.cols),
                    weight = zeros<Sum>(stream, units.weights == nullptr ? 0 : right.cols);
  launch(stream, "partners_kernel", for_elements(device_limits(stream), right.rows * kWarpSize, kThreads),
         partners_kernel, right, units.weights, count.data(), weight.data(), all);
  totals.partner_count = on_host(stream, count);
  totals.partner_weight = weights_of(on_host(stream, weight), totals.partner_count);
}

void expect_right(const Stream& stream, unsigned wrong) {
  const std::string name = stream.operation();
  if (wrong & kCodeOutside) throw InvalidArgument(name + ": a unit holds a code outside the columns");
  if (wrong & kLongUnit) throw InvalidArgument(name + ": a unit holds an item twice; its codes must be distinct");
  if (wrong & kLightUnit) throw InvalidArgument(name + ": the weight of a unit must be at least 1 (fixed point 2^-20)");
}

/// Gives the sizes that occur their numbers.
void number_sizes(const Stream& stream, const DeviceCsr& right, Offset self, const Buffer<unsigned>& occurs,
                  PairSums& sums) {
  std::vector<unsigned> words(occurs.size());
  to_host(stream, occurs.data(), std::span(words));
  stream.synchronize();
  std::vector<std::uint32_t> place;
  for (Offset size = 0; size < static_cast<Offset>(words.size()) * kWordBits; ++size) {
    if ((words[size / kWordBits] >> (size % kWordBits) & 1) == 0) continue;
    place.resize(size + 1);
    place[size] = static_cast<std::uint32_t>(sums.sizes.size());
    sums.sizes.push_back(size);
  }
  const Buffer<std::uint32_t> places = to_device(stream, std::span<const std::uint32_t>(place));
  sums.size_of_unit = Buffer<std::uint32_t>(stream, right.rows);
  launch(stream, "places_of_sizes_kernel", for_elements(device_limits(stream), right.rows, kThreads),
         places_of_sizes_kernel, right, self, places.data(), sums.size_of_unit.data());
  stream.synchronize();
}

/// n_a: the transposed baskets have counted them.
std::vector<std::int64_t> row_sizes(const Stream& stream, const DeviceCsr& rows) {
  std::vector<Offset> indptr(rows.rows + 1);
  to_host(stream, rows.indptr, std::span(indptr));
  stream.synchronize();
  std::vector<std::int64_t> sizes(rows.rows);
  for (Offset r = 0; r < rows.rows; ++r) sizes[r] = indptr[r + 1] - indptr[r];
  return sizes;
}

}  // namespace

PairSums sum_pairs(const Stream& stream, const UnitsOnDevice& units) {
  const DeviceCsr& right = units.right;
  const Offset self = units.cross ? 0 : 1;
  const Buffer<unsigned> occurs = zeros<unsigned>(stream, right.cols / kWordBits + 1);
  const Buffer<OfAllUnits> all = zeros<OfAllUnits>(stream, 1);
  launch(stream, "units_kernel", for_elements(device_limits(stream), right.rows, kThreads), units_kernel, right, self,
         units.weights, occurs.data(), all.data());
  PairSums sums;
  if (units.cross) sum_over_partners(stream, units, all.data(), sums.totals);
  OfAllUnits summed{};
  to_host(stream, all.data(), std::span(&summed, 1));
  stream.synchronize();
  expect_right(stream, summed.wrong);
  number_sizes(stream, right, self, occurs, sums);
  ItemSums items = sum_over_items(stream, units.by_item, right, units.weights);
  sums.work = std::move(items.work);
  sums.totals.units = right.rows;
  sums.totals.units_weight =
      units.weights == nullptr ? right.rows << kWeightBits : static_cast<std::int64_t>(summed.weight);
  sums.totals.count = row_sizes(stream, units.by_item);
  sums.totals.weight = weights_of(std::move(items.weight), sums.totals.count);
  return sums;
}

std::vector<std::int64_t> work_of_items(const Stream& stream, const DeviceCsr& by_item, const DeviceCsr& right) {
  return sum_over_items(stream, by_item, right, nullptr).work;
}

}  // namespace nextbest::cuda
