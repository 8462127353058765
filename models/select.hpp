#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

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

/// Sums of scores by item: as large as the catalogue once per thread, as cheap as what was touched per customer.
class ScoreSums {
 public:
  explicit ScoreSums(Offset items) : sum_(items, kUntouched), touched_(items + 1) {}

  /// score  finite
  void add(Code item, float score) { touched_items_ += put(item, score, touched_items_); }
  /// weight * scores[n] for every items[n].
  void add(std::span<const Code> items, std::span<const float> scores, float weight) {
    Offset touched = touched_items_;
    for (std::size_t n = 0; n < items.size(); ++n) touched += put(items[n], weight * scores[n], touched);
    touched_items_ = touched;
  }
  /// The list of one row from everything that was added, as select_row() chooses it; leaves the sums empty.
  /// popularity  [items], breaks ties
  void select(std::span<const std::int64_t> popularity, const TopKFilter& filter, Offset row, const TopKLists& out);

 private:
  static constexpr float kUntouched = -std::numeric_limits<float>::infinity();

  // Without a branch, which would be mispredicted about every other time: the item is noted always, and kept when new.
  bool put(Code item, float score, Offset place) {
    float& sum = sum_[item];
    const bool is_new = sum == kUntouched;
    touched_[place] = item;
    sum = (is_new ? 0 : sum) + score;
    return is_new;
  }

  std::vector<float> sum_;
  std::vector<Code> touched_;  // the first touched_items_, and room for one that is not kept
  Offset touched_items_ = 0;
  std::vector<Ranked> best_;
};

/// Fills every row of `out` from what score(row, sums) added for it. Rows are worked off in parallel; what a row adds,
/// and in which order, must depend on the row alone.
/// popularity  [items], breaks ties
void select_rows(Context& ctx, std::span<const std::int64_t> popularity, const TopKFilter& filter, const TopKLists& out,
                 const std::function<void(Offset row, ScoreSums& sums)>& score);

}  // namespace nextbest
