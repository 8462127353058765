#include <algorithm>
#include <string>

#include "kernels/core/expects.hpp"
#include "kernels/math/fixed_point.hpp"
#include "kernels/ops/pair_top_k.hpp"

namespace nextbest {

void pair_totals(Context&, const PairUnits& units, PairTotals& totals) {
  const CsrView<float>& baskets = units.baskets;
  expects_equal(static_cast<Offset>(totals.count.size()), baskets.cols, "pair_totals", "size of totals.count");
  expects_equal(static_cast<Offset>(totals.weight.size()), baskets.cols, "pair_totals", "size of totals.weight");
  if (!units.weights.empty())
    expects_equal(static_cast<Offset>(units.weights.size()), baskets.rows(), "pair_totals", "number of weights");

  std::fill(totals.count.begin(), totals.count.end(), 0);
  std::fill(totals.weight.begin(), totals.weight.end(), 0);
  totals.units = baskets.rows();
  totals.units_weight = 0;
  for (Offset u = 0; u < baskets.rows(); ++u) {
    const std::int64_t weight = units.weights.empty() ? kWeightOne : units.weights[u];
    expects(weight > 0, "pair_totals", "the weight of a unit must be at least 1 (fixed point 2^-20)");
    totals.units_weight += weight;
    for (const Code a : baskets.row(u)) {
      expects(a >= 0 && a < baskets.cols, "pair_totals", "a basket holds a code outside the columns");
      totals.count[a] += 1;
      totals.weight[a] += weight;
    }
  }
}

}  // namespace nextbest
