#pragma once

#include <cstdint>
#include <span>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "kernels/core/view.hpp"

namespace nextbest {

/// What customers bought, line by line, in the order of time.
struct Sequences {
  Offset items = 0;
  std::span<const Offset> customer_offset;  ///< [customers + 1] into lines
  std::span<const Code> item;               ///< [lines]
  std::span<const std::int32_t> basket;     ///< [lines] number of the line's basket, never falling within a customer
  std::span<const std::int32_t> day;        ///< [lines] never falling within a customer; empty where there are no times
  std::span<const float> weight;            ///< [lines] recency; a pair takes that of its older line

  Offset lines() const { return customer_offset.empty() ? 0 : customer_offset.back(); }
};

/// Which pairs of lines count, how much, and what the sums are worth.
struct SequenceParams {
  bool same_basket = true;    ///< lines of one basket are pairs
  bool either_order = true;   ///< b may come before a; false: only after it
  double basket_decay = 1;    ///< g, see below, in [0, 1]; 0: only the same basket
  double half_life_days = 0;  ///< h; 0 = none
  double window_days = 0;     ///< lines further apart are no pairs; 0 = no limit
  bool by_exposure = false;   ///< m_a = sum over b of C(a, b); false: m_a = n_a
  double prior = 0;           ///< of m_a
  double sharpness = 1, anchor_exponent = 0.5, target_exponent = 0.5;
  int min_pairs = 1;          ///< pairs of lines of a and b, at least
  Offset begin = 0, end = 0;  ///< the items a for which lists are made
};

/// Row r belongs to item begin + r; shorter rows are closed by item = kNoCode with score 0.
struct SequenceLists {
  Matrix<Code> item;    ///< [end - begin, k]
  Matrix<float> score;  ///< [end - begin, k]
};

/// For every item a the k items b with the largest
///     s(a, b) = C(a, b)^sharpness / ((m_a + prior)^anchor * n_b^target)
///     C(a, b) = sum over customers, over lines e of a and f of b that are a pair, of w(e, f)
///     w(e, f) = min weight * 2^(-|days between| / h) * g^(baskets between), with 1 for g^0; where lines of one basket
///               are no pairs, neighbouring baskets count as 0 apart
/// n_a = lines of a (0 counts as 1). Sums in double, customers ascending, lines ascending. The form of item-item models
/// with time decay (Ding & Li 2005) and of RP3beta's damping of popular targets (Paudel et al. 2017). Order: score as
/// float descending, n_b descending, code ascending.
/// lines_of  the [items, lines] row a holds the lines of item a, ascending: the transpose of [lines, items]
/// Exact up to the rounding of double, the same for every number of threads; with sharpness 1 and not by exposure the
/// same bits on every backend. Time: sum over customers of lines^2. Fewer than 2^31 lines. Temporary memory: 16 bytes
/// per item and thread; on a GPU 24 bytes per line, the lists of up to 2^17 rows at a time (fewer where memory is
/// short), and for each block at work a table of 24 to 48 bytes per item that its row can meet.
/// @throws ShapeMismatch, InvalidArgument
using SequenceTopK = void(Context& ctx, const Sequences& in, const CsrView<float>& lines_of,
                          const SequenceParams& params, const SequenceLists& out);
SequenceTopK sequence_top_k;
namespace cpu {
SequenceTopK sequence_top_k;
}
namespace cuda {
SequenceTopK sequence_top_k;
}

}  // namespace nextbest
