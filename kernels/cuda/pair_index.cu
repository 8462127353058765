#include <algorithm>
#include <numeric>

#include "kernels/core/error.hpp"
#include "kernels/cuda/pair_index.hpp"
#include "kernels/cuda/pair_sums.hpp"
#include "kernels/cuda/transpose.hpp"
#include "kernels/math/fixed_point.hpp"
#include "kernels/ops/transpose.hpp"

namespace nextbest::cuda {
namespace {

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
    : stream_("index_pairs"),
      right_(stream_, right),
      by_item_(stream_, by_item),
      weights_(to_device(stream_, all.weights)),
      customers_(to_device(stream_, all.customers)),
      size_of_unit_(to_device(stream_, std::span<const std::uint32_t>(all.sizes.of_unit))),
      work_(work_of_items(stream_, by_item_.view(), right_.view())) {
  bring_numbers(all.totals, all.sizes.sizes);
}

ResidentPairs::ResidentPairs(const PairUnits& units, PairTotals& totals)
    : stream_("index_pairs"),
      right_(stream_, without_values(units.right())),
      by_item_(make_by_item(stream_, units, right_)),
      weights_(to_device(stream_, units.weights)),
      customers_(to_device(stream_, units.customers)) {
  PairSums sums = sum_pairs(stream_, {by_item_.view(), right_.view(), units.cross(), weights_.data()});
  size_of_unit_ = std::move(sums.size_of_unit);
  work_ = std::move(sums.work);
  totals = std::move(sums.totals);
  bring_numbers(totals, sums.sizes);
}

void ResidentPairs::bring_numbers(const PairTotals& totals, std::span<const Offset> sizes) {
  const bool weighted = weights_.data() != nullptr;
  const auto numbers = weighted ? totals.right_weight() : totals.right_count();
  left_number_ = to_device(stream_, std::span<const std::int64_t>(weighted ? totals.weight : totals.count));
  right_number_ = to_device(stream_, numbers);
  right_count_ = to_device(stream_, totals.right_count());
  sizes_ = to_device(stream_, sizes);
  stream_.synchronize();
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

std::unique_ptr<const PairIndex> index_pairs(Context& ctx, const PairUnits& units) {
  CudaPairIndex::Ready ready;
  try {
    ready.resident = std::make_unique<const ResidentPairs>(units, ready.totals);
  } catch (const DoesNotFit&) {
    ready.totals = pair_totals(ctx, units);
    ready.host = std::make_unique<const HostPairs>(ctx, units);
  }
  return std::make_unique<CudaPairIndex>(units, std::move(ready));
}

}  // namespace nextbest::cuda
