#include <algorithm>
#include <numeric>

#include "kernels/core/error.hpp"
#include "kernels/cuda/device/warp.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/pair_index.hpp"
#include "kernels/cuda/transpose.hpp"
#include "kernels/math/fixed_point.hpp"
#include "kernels/ops/transpose.hpp"

namespace nextbest::cuda {
namespace {

constexpr int kThreads = 256;

// Warp: one item after another. Lane: every 32nd of its units. Result: work [items], summed sizes of the units' right
// sides.
__global__ void __launch_bounds__(kThreads) work_kernel(DeviceCsr by_item, DeviceCsr right, std::int64_t* work) {
  const Offset warps = static_cast<Offset>(gridDim.x) * (kThreads / kWarpSize);
  for (Offset a = (static_cast<Offset>(blockIdx.x) * kThreads + threadIdx.x) / kWarpSize; a < by_item.rows;
       a += warps) {
    std::int64_t sum = 0;
    for (Offset i = by_item.indptr[a] + lane_of_thread(); i < by_item.indptr[a + 1]; i += kWarpSize) {
      const Code u = by_item.indices[i];
      sum += right.indptr[u + 1] - right.indptr[u];
    }
    sum = warp_sum(sum);
    if (lane_of_thread() == 0) work[a] = sum;
  }
}

CsrView<float> without_values(const CsrView<float>& rows) {
  return {rows.cols, rows.indptr, rows.indices, {}};
}

CsrBuffer make_by_item(const Stream& stream, const PairUnits& units, const CsrBuffer& right) {
  if (!units.cross()) return transpose_on_device(stream, right.view());
  const CsrBuffer baskets(stream, without_values(units.baskets));
  return transpose_on_device(stream, baskets.view());
}

}  // namespace

UnitSizes::UnitSizes(const PairUnits& units) {
  const CsrView<float>& right = units.right();
  const Offset self = units.cross() ? 0 : 1;
  const auto others = [&](Offset u) { return std::max<Offset>(right.row_size(u) - self, 0); };
  Offset most = 0;
  for (Offset u = 0; u < right.rows(); ++u) most = std::max(most, others(u));
  std::vector<std::uint32_t> place(most + 1, 0);
  for (Offset u = 0; u < right.rows(); ++u) place[others(u)] = 1;
  for (Offset m = 0; m <= most; ++m) {
    if (place[m] == 0) continue;
    place[m] = static_cast<std::uint32_t>(sizes.size());
    sizes.push_back(m);
  }
  of_unit.resize(right.rows());
  for (Offset u = 0; u < right.rows(); ++u) of_unit[u] = place[others(u)];
}

ResidentPairs::ResidentPairs(const PairsOfAll& all, const CsrView<float>& right, const CsrView<float>& by_item)
    : stream_("index_pairs"), right_(stream_, right), by_item_(stream_, by_item) {
  bring(all);
}

ResidentPairs::ResidentPairs(const PairsOfAll& all, const PairUnits& units)
    : stream_("index_pairs"),
      right_(stream_, without_values(units.right())),
      by_item_(make_by_item(stream_, units, right_)) {
  bring(all);
}

void ResidentPairs::bring(const PairsOfAll& all) {
  const PairTotals& totals = all.totals;
  const bool weighted = !all.weights.empty();
  const auto numbers = weighted ? totals.right_weight() : totals.right_count();
  weights_ = to_device(stream_, all.weights);
  customers_ = to_device(stream_, all.customers);
  left_number_ = to_device(stream_, std::span<const std::int64_t>(weighted ? totals.weight : totals.count));
  right_number_ = to_device(stream_, numbers);
  right_count_ = to_device(stream_, totals.right_count());
  size_of_unit_ = to_device(stream_, std::span<const std::uint32_t>(all.sizes.of_unit));
  sizes_ = to_device(stream_, std::span<const Offset>(all.sizes.sizes));
  const auto lines = std::accumulate(numbers.begin(), numbers.end(), std::int64_t{0});
  const auto number = [&](std::int64_t n) { return weighted ? from_fixed(n) : static_cast<double>(n); };
  view_ = {by_item_.view(),
           right_.view(),
           weights_.data(),
           customers_.data(),
           left_number_.data(),
           right_number_.data(),
           right_count_.data(),
           size_of_unit_.data(),
           sizes_.data(),
           static_cast<std::uint32_t>(sizes_.size()),
           number(weighted ? totals.units_weight : totals.units),
           number(lines)};
  measure_work();
}

void ResidentPairs::measure_work() {
  const Buffer<std::int64_t> work(stream_, items());
  launch(stream_, "work_kernel", for_elements(device_limits(stream_), items() * kWarpSize, kThreads), work_kernel,
         by_item_.view(), right_.view(), work.data());
  work_.resize(items());
  to_host(stream_, static_cast<const std::int64_t*>(work.data()), std::span(work_));
  stream_.synchronize();
}

HostPairs::HostPairs(Context& ctx, const PairUnits& units)
    : weights(units.weights.begin(), units.weights.end()),
      customers(units.customers.begin(), units.customers.end()),
      sizes(units) {
  const CsrView<float>& from = units.right();
  right.cols = from.cols;
  right.indptr.reserve(from.rows() + 1);
  right.indices.reserve(from.nnz());
  for (Offset u = 0; u < from.rows(); ++u) {
    right.indices.insert(right.indices.end(), from.row(u).begin(), from.row(u).end());
    right.indptr.push_back(static_cast<Offset>(right.indices.size()));
  }
  cuda::transpose(ctx, without_values(units.baskets), by_item);
}

CudaPairIndex::CudaPairIndex(Context& ctx, const PairUnits& units)
    : PairIndex(Device::kCuda, units, pair_totals(ctx, units)) {
  try {
    const UnitSizes sizes(units);
    resident_ = std::make_unique<const ResidentPairs>(PairsOfAll{totals, sizes, units.weights, units.customers}, units);
  } catch (const DoesNotFit&) {
    host_ = std::make_unique<const HostPairs>(ctx, units);
  }
}

std::unique_ptr<const PairIndex> index_pairs(Context& ctx, const PairUnits& units) {
  return std::make_unique<CudaPairIndex>(ctx, units);
}

}  // namespace nextbest::cuda
