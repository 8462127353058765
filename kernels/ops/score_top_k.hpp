#pragma once

#include <cstdint>
#include <span>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "kernels/core/view.hpp"
#include "kernels/ops/item_index.hpp"

namespace nextbest {

/// What may stand in a list. Every part may be empty and then excludes nothing. Where several speak of one item: a
/// block beats a pin, a pin beats `owned` and `eligible`.
struct TopKFilter {
  CsrView<float> owned;                     ///< [users, items] ascending codes that the user must not be offered
  CsrView<float> blocked;                   ///< [users, items] ascending codes, never offered, not even when pinned
  CsrView<float> pinned;                    ///< [users, items] distinct codes in the order wanted: they open the list
  std::span<const std::uint64_t> eligible;  ///< bit set [items], bit i % 64 of word i / 64: 1 = may be offered
};

/// Row u: the items offered to user u, best first. Shorter rows are closed by item = kNoCode with score 0; that
/// happens only when fewer than k items pass the filter.
struct TopKLists {
  Matrix<Code> item;    ///< [users, k]
  Matrix<float> score;  ///< [users, k]
};

/// For every user the exact top k items by inner product, under the filter:
///     score(u, i) = w_u . h_i, summed in float by fused multiply-add over ascending dimensions from 0
/// That sum is the definition on every backend, so scores agree bit for bit. Pinned items come first, in the order
/// wanted, with their own scores; then score descending, popularity descending, code ascending. Filters act inside the
/// selection: the result has exactly k items, or all that pass.
/// users   W [users, dim]
/// items   H and its popularity as index_items() made them ready on the same backend
/// out     k = out.item.cols >= 1, may exceed items
/// Temporary memory: lists and a block of scores per thread, never users x items. On a GPU, for 2^18 users at a time or
/// as many as fit: their factors three times, their part of the filter, and up to 32 k + 2,048 bytes of finds each.
/// ctx.cancelled is asked between those; a cancelled call leaves lists unwritten.
/// @throws ShapeMismatch, InvalidArgument; NumericalError when a score that passes the filter is NaN
using ScoreTopK = void(Context& ctx, Matrix<const float> users, const ItemIndex& items, const TopKFilter& filter,
                       const TopKLists& out);
ScoreTopK score_top_k;
namespace cpu {
ScoreTopK score_top_k;
}
namespace cuda {
ScoreTopK score_top_k;
}

}  // namespace nextbest
