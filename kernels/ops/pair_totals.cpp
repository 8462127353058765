#include <algorithm>

#include "kernels/core/expects.hpp"
#include "kernels/math/fixed_point.hpp"
#include "kernels/ops/pair_top_k.hpp"

namespace nextbest {
namespace {

constexpr const char* kName = "pair_totals";

std::int64_t weight_of(const PairUnits& units, Offset u) {
  return units.weights.empty() ? kWeightOne : units.weights[u];
}

void sum_columns(const PairUnits& units, const CsrView<float>& rows, std::span<std::int64_t> count,
                 std::span<std::int64_t> weight) {
  expects_equal(rows.rows(), units.baskets.rows(), kName, "number of units");
  expects_equal(rows.cols, units.baskets.cols, kName, "number of items");
  expects_equal(static_cast<Offset>(count.size()), rows.cols, kName, "size of the counts");
  expects_equal(static_cast<Offset>(weight.size()), rows.cols, kName, "size of the weights");
  std::fill(count.begin(), count.end(), 0);
  std::fill(weight.begin(), weight.end(), 0);
  for (Offset u = 0; u < rows.rows(); ++u)
    for (const Code a : rows.row(u)) {
      expects(a >= 0 && a < rows.cols, kName, "a unit holds a code outside the columns");
      count[a] += 1;
      weight[a] += weight_of(units, u);
    }
}

}  // namespace

void pair_totals(Context&, const PairUnits& units, PairTotals& totals) {
  const Offset rows = units.baskets.rows();
  if (!units.weights.empty())
    expects_equal(static_cast<Offset>(units.weights.size()), rows, kName, "number of weights");
  totals.units = rows;
  totals.units_weight = 0;
  for (Offset u = 0; u < rows; ++u) {
    expects(weight_of(units, u) > 0, kName, "the weight of a unit must be at least 1 (fixed point 2^-20)");
    totals.units_weight += weight_of(units, u);
  }
  sum_columns(units, units.baskets, totals.count, totals.weight);
  if (units.cross()) sum_columns(units, units.partners, totals.partner_count, totals.partner_weight);
}

}  // namespace nextbest
