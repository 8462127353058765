#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "kernels/core/touched_sums.hpp"
#include "kernels/math/rank_order.hpp"
#include "kernels/ops/score_top_k.hpp"

namespace nextbest {

/// Row `row` of a filter's matrix; empty where the matrix is.
std::span<const Code> filter_row(const CsrView<float>& matrix, Offset row);

/// The item may stand in the list of `row` by its own merit: not owned, not blocked, eligible. Does not look at pins.
bool passes(const TopKFilter& filter, Offset row, Code item);

/// The list of one row from the items that a source scored: the pins that are not blocked, then the best candidates
/// that pass, under the one order of all rankings; closed by kNoCode.
/// candidates  distinct items in any order; reordered, and pins and what does not pass are removed
void select_row(const TopKFilter& filter, Offset row, std::vector<Ranked>& candidates, const TopKLists& out);

/// Fills every row of `out` from what score(row, sums) added for it. Rows are worked off in parallel; what a row adds,
/// and in which order, must depend on the row alone; scores are finite.
/// popularity  [items], breaks ties
void select_rows(Context& ctx, std::span<const std::int64_t> popularity, const TopKFilter& filter, const TopKLists& out,
                 const std::function<void(Offset row, TouchedSums& sums)>& score);

}  // namespace nextbest
