#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "kernels/ops/ease_top_k.hpp"

namespace nextbest::cpu {

/// Writes the row of item j as PredictorLists promises it. weights  (item, weight) in any order; reordered
inline void write_predictors(std::vector<std::pair<Code, float>>& weights, Offset j, const PredictorLists& out) {
  using Weight = std::pair<Code, float>;
  std::erase_if(weights, [](const Weight& w) { return w.second == 0; });
  const auto heavier = [](const Weight& x, const Weight& y) {
    const float a = std::abs(x.second), b = std::abs(y.second);
    return a != b ? a > b : x.first < y.first;
  };
  const Offset k = out.item.cols, kept = std::min(k, static_cast<Offset>(weights.size()));
  std::partial_sort(weights.begin(), weights.begin() + kept, weights.end(), heavier);
  for (Offset place = 0; place < k; ++place) {
    out.item(j, place) = place < kept ? weights[place].first : kNoCode;
    out.weight(j, place) = place < kept ? weights[place].second : 0.0F;
  }
}

}  // namespace nextbest::cpu
