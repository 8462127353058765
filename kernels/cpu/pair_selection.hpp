#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/cpu/pair_counters.hpp"
#include "kernels/math/rank_order.hpp"

namespace nextbest::cpu {

/// The best k of the pairs offered, under the one total order. Keeps up to 2k and a threshold that rises whenever they
/// are cut back to k, so that most pairs are refused by one comparison.
class PairSelection {
 public:
  struct Kept {
    Ranked rank;
    PairCount count;
  };

  explicit PairSelection(std::int64_t k) : k_(static_cast<std::size_t>(k)) {}

  /// False when a pair that ranks like this, or worse, cannot be among the best.
  bool may_enter(const Ranked& rank) const { return !full_ || ranks_before(rank, threshold_); }

  void offer(const Ranked& rank, const PairCount& count) {
    if (!may_enter(rank)) return;
    kept_.push_back({rank, count});
    if (kept_.size() >= 2 * k_) cut();
  }

  /// The best k, best first. Valid until clear().
  const std::vector<Kept>& sorted() {
    if (kept_.size() > k_) cut();
    std::sort(kept_.begin(), kept_.end(), before);
    return kept_;
  }

  void clear() {
    kept_.clear();
    full_ = false;
  }

 private:
  static bool before(const Kept& x, const Kept& y) { return ranks_before(x.rank, y.rank); }

  void cut() {
    const auto last = kept_.begin() + static_cast<std::ptrdiff_t>(k_) - 1;
    std::nth_element(kept_.begin(), last, kept_.end(), before);
    threshold_ = last->rank;
    full_ = true;
    kept_.resize(k_);
  }

  std::size_t k_;
  std::vector<Kept> kept_;
  Ranked threshold_{};
  bool full_ = false;
};

}  // namespace nextbest::cpu
