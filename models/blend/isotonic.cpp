#include "models/blend/isotonic.hpp"

#include <algorithm>
#include <numeric>

namespace nextbest {
namespace {

struct Pool {
  float low, high;       // scores
  double label, weight;  // sums
  double mean() const { return label / weight; }
};

}  // namespace

float Isotonic::operator()(float value) const {
  if (score.empty()) return 0;
  const auto above = std::upper_bound(score.begin(), score.end(), value);
  if (above == score.begin()) return probability.front();
  if (above == score.end()) return probability.back();
  const auto i = static_cast<std::size_t>(above - score.begin());
  const float share = (value - score[i - 1]) / (score[i] - score[i - 1]);
  return probability[i - 1] + share * (probability[i] - probability[i - 1]);
}

Isotonic fit_isotonic(std::span<const float> score, std::span<const float> label, std::span<const float> weight) {
  std::vector<std::size_t> order(score.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) { return score[x] < score[y]; });
  std::vector<Pool> pools;
  for (std::size_t begin = 0, end; begin < order.size(); begin = end) {
    Pool pool{score[order[begin]], score[order[begin]], 0, 0};
    for (end = begin; end < order.size() && score[order[end]] == score[order[begin]]; ++end) {
      const double w = weight[order[end]];
      pool.label += w * label[order[end]];
      pool.weight += w;
    }
    pools.push_back(pool);
    while (pools.size() > 1 && pools[pools.size() - 2].mean() >= pools.back().mean()) {
      const Pool last = pools.back();
      pools.pop_back();
      pools.back() = {pools.back().low, last.high, pools.back().label + last.label, pools.back().weight + last.weight};
    }
  }
  Isotonic out;
  for (const Pool& pool : pools) {
    for (const float knot : {pool.low, pool.high}) {
      if (!out.score.empty() && knot == out.score.back()) continue;
      out.score.push_back(knot);
      out.probability.push_back(static_cast<float>(pool.mean()));
    }
  }
  return out;
}

}  // namespace nextbest
