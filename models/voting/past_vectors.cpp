#include "models/voting/past_vectors.hpp"

#include <algorithm>
#include <cmath>

namespace nextbest {

PastVectors::PastVectors(Offset items, double basket_decay, int most_items)
    : basket_decay_(basket_decay), most_(static_cast<std::size_t>(most_items)) {
  vectors.cols = items;
}

void PastVectors::add(const HistoryView& history, Offset first, Offset last) {
  entries_.clear();
  double weight = 1;
  for (Offset b = last; b-- > first; weight *= basket_decay_)
    for (const Code item : history.basket(b)) entries_.emplace_back(item, weight);
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& x, const Entry& y) { return x.first < y.first; });
  merge();
  cut();
  double squares = 0;
  for (const Entry& entry : entries_) squares += entry.second * entry.second;
  const double length = std::sqrt(squares);
  for (const auto& [item, value] : entries_) {
    vectors.indices.push_back(item);
    vectors.values.push_back(static_cast<float>(value / length));
  }
  vectors.indptr.push_back(static_cast<Offset>(vectors.indices.size()));
}

void PastVectors::merge() {
  std::size_t kept = 0;
  for (std::size_t e = 0; e < entries_.size(); ++e) {
    if (kept > 0 && entries_[kept - 1].first == entries_[e].first)
      entries_[kept - 1].second += entries_[e].second;
    else
      entries_[kept++] = entries_[e];
  }
  entries_.resize(kept);
}

void PastVectors::cut() {
  if (entries_.size() <= most_) return;
  const auto heavier = [](const Entry& x, const Entry& y) {
    return x.second != y.second ? x.second > y.second : x.first < y.first;
  };
  std::nth_element(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(most_), entries_.end(), heavier);
  entries_.resize(most_);
  std::sort(entries_.begin(), entries_.end());
}

}  // namespace nextbest
