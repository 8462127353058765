#include <algorithm>

#include "kernels/core/expects.hpp"
#include "kernels/core/parallel.hpp"
#include "kernels/math/fixed_point.hpp"
#include "kernels/ops/pair_index.hpp"

namespace nextbest {
namespace {

constexpr const char* kName = "pair_totals";

/// Units with each item, and their weights. Each part of the units has sums of its own, which are added.
void sum_columns(Context& ctx, const PairUnits& units, const CsrView<float>& rows, std::vector<std::int64_t>& count,
                 std::vector<std::int64_t>& weight) {
  const Offset parts = std::clamp<Offset>(rows.nnz() / std::max<Offset>(rows.cols, 1), 1, std::max(ctx.threads, 1));
  const bool weighted = !units.weights.empty();
  std::vector<std::vector<std::int64_t>> counts(parts), weights(parts);
  const Context uninterrupted{ctx.device, ctx.threads, {}, {}};
  parallel_for(uninterrupted, parts, 1, [&](Offset p, Offset, int) {
    counts[p].assign(rows.cols, 0);
    weights[p].assign(weighted ? rows.cols : 0, 0);
    for (Offset u = rows.rows() * p / parts; u < rows.rows() * (p + 1) / parts; ++u)
      for (const Code a : rows.row(u)) {
        expects(a >= 0 && a < rows.cols, kName, "a unit holds a code outside the columns");
        counts[p][a] += 1;
        if (weighted) weights[p][a] += units.weights[u];
      }
  });
  count.assign(rows.cols, 0);
  weight.assign(rows.cols, 0);
  for (Offset a = 0; a < rows.cols; ++a) {
    for (Offset p = 0; p < parts; ++p) {
      count[a] += counts[p][a];
      if (weighted) weight[a] += weights[p][a];
    }
    if (!weighted) weight[a] = count[a] << kWeightBits;
  }
}

}  // namespace

PairTotals pair_totals(Context& ctx, const PairUnits& units) {
  PairTotals totals;
  totals.units = units.baskets.rows();
  totals.units_weight = units.weights.empty() ? totals.units << kWeightBits : 0;
  for (const std::int64_t weight : units.weights) {
    expects(weight > 0, kName, "the weight of a unit must be at least 1 (fixed point 2^-20)");
    totals.units_weight += weight;
  }
  sum_columns(ctx, units, units.baskets, totals.count, totals.weight);
  if (units.cross()) sum_columns(ctx, units, units.partners, totals.partner_count, totals.partner_weight);
  return totals;
}

}  // namespace nextbest
