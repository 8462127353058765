#pragma once

#include <cstdint>
#include <span>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "kernels/core/view.hpp"
#include "kernels/math/association.hpp"

namespace nextbest {

/// The sets in which pairs (a, b) are counted. Symmetric pairs: a and b from the same set, a basket, or everything that
/// one customer bought within a window. Cross pairs: a from the unit's basket, b from its partners, as when `partners`
/// holds what was bought later.
struct PairUnits {
  CsrView<float> baskets;                 ///< [units, items]; distinct ascending codes per row; values are not read
  std::span<const std::int64_t> weights;  ///< [units] fixed point 2^-20, > 0; empty: every unit counts 1
  std::span<const Code> customers;        ///< [units] whose unit it is, kNoCode: nobody's, adds no customer; the units
                                          ///< of one customer are neighbours; empty: customers are not counted
  CsrView<float> partners = {};           ///< [units, items] like baskets; without indptr the pairs are symmetric

  bool cross() const { return !partners.indptr.empty(); }
  const CsrView<float>& right() const { return cross() ? partners : baskets; }  ///< where the items b stand
};

struct PairParams {
  Measure measure = Measure::kLlr;    ///< ranks
  int k = 1;                          ///< pairs kept per item
  std::int64_t min_support = 1;       ///< units with both, at least; plain count
  std::int64_t min_customers = 0;     ///< distinct customers with both, at least; not asked where PairUnits has none
  double shrinkage = kLiftShrinkage;  ///< k of shrunk_lift
  Offset begin = 0;                   ///< rows [begin, end) of the items are computed: shards and tiles
  Offset end = 0;
};

/// Row r of every list belongs to item begin + r. Rows with fewer than k pairs are closed by item = kNoCode; the other
/// fields of a closed place are 0.
struct PairLists {
  Matrix<Code> item;               ///< [end - begin, k]
  Matrix<float> score;             ///< the measure, rounded to float; ranks follow this value
  Matrix<std::int64_t> count;      ///< units with both
  Matrix<std::int64_t> weight;     ///< sum of the weights of those units, fixed point 2^-20 (count << 20 if unweighted)
  Matrix<std::int64_t> customers;  ///< distinct customers with both (0 where PairUnits has none)
  Matrix<double> expected;         ///< E_ab, weighted where there are weights
};

/// What every row needs and pair_totals() computes once.
struct PairTotals {
  std::span<std::int64_t> count;                ///< [items] n_a: units with the item
  std::span<std::int64_t> weight;               ///< [items] sum of the weights of those units, fixed point 2^-20
  std::int64_t units = 0;                       ///< U
  std::int64_t units_weight = 0;                ///< sum of all weights, fixed point 2^-20
  std::span<std::int64_t> partner_count = {};   ///< [items] the same over `partners`; read and written for cross pairs
  std::span<std::int64_t> partner_weight = {};  ///< only

  std::span<const std::int64_t> right_count() const { return partner_count.empty() ? count : partner_count; }
  std::span<const std::int64_t> right_weight() const { return partner_weight.empty() ? weight : partner_weight; }
};

/// n_a = sum over units with a of 1, and of the unit's weight; U likewise.
/// units    as above
/// totals   the spans [items] are overwritten, units and units_weight set
/// Exact: integers. @throws ShapeMismatch; InvalidArgument a code outside the columns, a weight below 1
void pair_totals(Context& ctx, const PairUnits& units, PairTotals& totals);

/// For every item a in [begin, end), the k items b != a with the best `measure` among those that share at least
/// `min_support` units with a (Gustavson's row-wise product of the transposed and the plain unit matrix):
///     N_ab = sum over units with a and b of 1        (`count`), of w_B (`weight`), distinct customers (`customers`)
/// For cross pairs b is counted where it is a partner: the product of the transposed baskets and the partners.
/// The measures are those of kernels/math/association.hpp, taken from the weighted sums where there are weights and
/// from the counts where there are none. E_ab = sum over units B with a of w_B * (1 - (1 - P_b)^(|B|-1)), with
/// P_b = n_b / sum n (weights where there are some; Smith & Linden 2017, "Two decades of recommender systems at
/// Amazon.com"). The units of one size are summed first, as integers; then, in double, the sizes in ascending order,
/// the power grown from size to size by chance_after(). For cross pairs |B|-1 is the number of partners, and n_b and
/// P_b are those of the partners. With Measure::kLlr only positively associated pairs (N U > n_a n_b) are kept.
/// Order within a row: score (the float) descending, n_b (plain count) descending, code ascending.
/// by_item  [items, units] the transpose of units.baskets, as transpose() makes it
/// totals   as pair_totals() makes them
/// out      see PairLists; distinct, non-overlapping buffers
/// Counts are exact and equal on every backend and for every number of threads. The matrix of pairs is never stored:
/// temporary memory is O(items) per thread. When ctx.cancelled says yes, rows are left as they were. Work: sum over
/// units of |B|^2.
/// @throws InvalidArgument k < 1, bad range; ShapeMismatch (`k` may exceed items)
using PairTopK = void(Context& ctx, const PairUnits& units, const CsrView<float>& by_item, const PairTotals& totals,
                      const PairParams& params, const PairLists& out);
PairTopK pair_top_k;
namespace cpu {
PairTopK pair_top_k;
}
namespace cuda {
PairTopK pair_top_k;
}

}  // namespace nextbest
