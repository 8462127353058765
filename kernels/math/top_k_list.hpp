#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "kernels/math/rank_order.hpp"

namespace nextbest {

struct ScoredItem {
  float score;
  Code item;
};

/// The one total order, with the popularity looked up where scores are equal: it is far away in memory.
struct RanksBeforeByLookup {
  std::span<const std::int64_t> popularity;

  bool operator()(const ScoredItem& x, const ScoredItem& y) const {
    if (x.score != y.score) return x.score > y.score;
    return ranks_before({x.score, popularity[x.item], x.item}, {y.score, popularity[y.item], y.item});
  }
};

/// The best `room` of the candidates offered. Keeps some more and cuts them back now and then, which costs less per
/// candidate than a heap; the threshold rises with every cut. `before` is the same total order in all calls, and puts
/// the larger score first.
class TopKList {
 public:
  void open(std::size_t room) {
    room_ = room;
    found_.clear();
    threshold_ = room == 0 ? kInfinity : -kInfinity;
  }
  /// What a score must reach to matter: below it, `room` better ones are known.
  float threshold() const { return threshold_; }
  std::size_t room() const { return room_; }

  /// candidate  with a score that reaches the threshold
  template <class Before>
  void offer(const ScoredItem& candidate, const Before& before) {
    found_.push_back(candidate);
    if (found_.size() >= room_ + room_ / 2 + 8) cut(before);
  }
  /// The best, best first.
  template <class Before>
  const std::vector<ScoredItem>& sorted(const Before& before) {
    cut(before);
    std::sort(found_.begin(), found_.end(), before);
    return found_;
  }

 private:
  static constexpr float kInfinity = std::numeric_limits<float>::infinity();

  template <class Before>
  void cut(const Before& before) {
    if (found_.size() <= room_) return;
    std::nth_element(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(room_) - 1, found_.end(), before);
    found_.resize(room_);
    threshold_ = found_.back().score;
  }

  std::vector<ScoredItem> found_;
  std::size_t room_ = 0;
  float threshold_ = 0;
};

}  // namespace nextbest
