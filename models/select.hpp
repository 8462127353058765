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
  explicit ScoreSums(Offset items) : sum_(items, kUntouched) {}

  /// score  finite
  void add(Code item, float score) {
    float& sum = sum_[item];
    if (sum == kUntouched) {
      touched_.push_back(item);
      sum = 0;
    }
    sum += score;
  }
  /// Moves everything that was added into `out`, and leaves the sums empty.
  void drain(std::span<const std::int64_t> popularity, std::vector<Ranked>& out);

 private:
  static constexpr float kUntouched = -std::numeric_limits<float>::infinity();

  std::vector<float> sum_;
  std::vector<Code> touched_;
};

/// Fills every row of `out` from what score(row, sums) added for it. Rows are worked off in parallel; what a row adds,
/// and in which order, must depend on the row alone.
/// popularity  [items], breaks ties
void select_rows(Context& ctx, std::span<const std::int64_t> popularity, const TopKFilter& filter, const TopKLists& out,
                 const std::function<void(Offset row, ScoreSums& sums)>& score);

}  // namespace nextbest
