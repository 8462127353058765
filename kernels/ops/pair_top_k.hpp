#pragma once

#include <cstdint>

#include "kernels/core/context.hpp"
#include "kernels/core/view.hpp"
#include "kernels/math/association.hpp"
#include "kernels/ops/pair_index.hpp"

namespace nextbest {

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
/// units  as index_pairs() made them ready on the same backend
/// out    see PairLists; distinct, non-overlapping buffers
/// Counts are exact and equal on every backend and for every number of threads. The matrix of pairs is never stored:
/// temporary memory is O(items + units with one item) per thread. When ctx.cancelled says yes, rows are left as they
/// were. Work: sum over units of |B|^2.
/// @throws InvalidArgument k < 1, bad range; ShapeMismatch (`k` may exceed items)
using PairTopK = void(Context& ctx, const PairIndex& units, const PairParams& params, const PairLists& out);
PairTopK pair_top_k;
namespace cpu {
PairTopK pair_top_k;
}
namespace cuda {
PairTopK pair_top_k;
}

}  // namespace nextbest
