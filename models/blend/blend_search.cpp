#include "models/blend/blend_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "kernels/core/parallel.hpp"

namespace nextbest {
namespace {

constexpr int kCutoff = 10;
constexpr std::array kGrid = {0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.4, 2.0};
constexpr int kMostRounds = 6;
constexpr double kLeastGain = 1e-6;  // smaller gains are not worth another round

double discount(Offset place) {
  return 1.0 / std::log2(static_cast<double>(place) + 2.0);
}

double ideal_dcg(Offset targets) {
  double sum = 0;
  for (Offset place = 0; place < std::min<Offset>(targets, kCutoff); ++place) sum += discount(place);
  return sum;
}

// The best kCutoff scores so far; of equal scores the earlier one leads.
class Best {
 public:
  void offer(float score, char target) {
    if (size_ == kCutoff && !(score > score_[kCutoff - 1])) return;
    int place = size_ < kCutoff ? size_++ : kCutoff - 1;
    for (; place > 0 && score > score_[place - 1]; --place) {
      score_[place] = score_[place - 1];
      target_[place] = target_[place - 1];
    }
    score_[place] = score;
    target_[place] = target;
  }
  double dcg(const std::array<double, kCutoff>& discounts) const {
    double sum = 0;
    for (int place = 0; place < size_; ++place) sum += target_[place] ? discounts[place] : 0.0;
    return sum;
  }

 private:
  int size_ = 0;
  std::array<float, kCutoff> score_{};
  std::array<char, kCutoff> target_{};
};

}  // namespace

void BlendSearch::add(const CandidatePool& pool, const CsrView<float>& targets, std::span<const Offset> target_row,
                      std::span<const std::int64_t> popularity) {
  customers_ += static_cast<std::size_t>(pool.rows());
  std::vector<Offset> order;
  for (Offset row = 0; row < pool.rows(); ++row) {
    const std::span<const Code> wanted = targets.row(target_row[row]);
    const auto is_target = [&](Offset at) { return std::binary_search(wanted.begin(), wanted.end(), pool.item[at]); };
    order.resize(static_cast<std::size_t>(pool.offset[row + 1] - pool.offset[row]));
    std::iota(order.begin(), order.end(), pool.offset[row]);
    if (std::none_of(order.begin(), order.end(), is_target)) continue;
    // Candidates stand in the order that breaks ties: popularity, then code (they come by code).
    std::stable_sort(order.begin(), order.end(),
                     [&](Offset x, Offset y) { return popularity[pool.item[x]] > popularity[pool.item[y]]; });
    for (const Offset at : order) {
      is_target_.push_back(is_target(at));
      for (std::size_t s = 0; s < column_.size(); ++s) column_[s].push_back(pool.scores(at)[s]);
    }
    offset_.push_back(static_cast<Offset>(is_target_.size()));
    ideal_.push_back(ideal_dcg(static_cast<Offset>(wanted.size())));
  }
}

void BlendSearch::fill_base(std::span<const double> weights, std::size_t except) {
  base_.assign(is_target_.size(), 0.0f);
  for (std::size_t s = 0; s < column_.size(); ++s) {
    const auto weight = static_cast<float>(weights[s]);
    if (s == except || weight == 0) continue;
    for (std::size_t at = 0; at < base_.size(); ++at) base_[at] += weight * column_[s][at];
  }
}

double BlendSearch::mean_ndcg(std::size_t source, float weight) const {
  if (customers_ == 0) return 0;
  std::array<double, kCutoff> discounts;
  for (int place = 0; place < kCutoff; ++place) discounts[place] = discount(place);
  const std::vector<float>& column = column_[source];
  double sum = 0;
  for (std::size_t row = 0; row < ideal_.size(); ++row) {
    Best best;
    for (Offset at = offset_[row]; at < offset_[row + 1]; ++at)
      best.offer(base_[at] + weight * column[at], is_target_[at]);
    sum += best.dcg(discounts) / ideal_[row];
  }
  return sum / static_cast<double>(customers_);
}

double BlendSearch::ndcg(std::span<const double> weights) {
  fill_base(weights, 0);
  return mean_ndcg(0, static_cast<float>(weights[0]));
}

double BlendSearch::climb(Context& ctx, std::vector<double>& weights) {
  double best = ndcg(weights);
  for (int round = 0; round < kMostRounds; ++round) {
    const double before = best;
    for (std::size_t s = 0; s < weights.size(); ++s) {
      fill_base(weights, s);
      std::array<double, kGrid.size()> value{};
      parallel_for(ctx, static_cast<Offset>(kGrid.size()), 1,
                   [&](Offset trial, Offset, int) { value[trial] = mean_ndcg(s, static_cast<float>(kGrid[trial])); });
      for (std::size_t trial = 0; trial < kGrid.size(); ++trial) {
        if (value[trial] > best + kLeastGain) {
          best = value[trial];
          weights[s] = kGrid[trial];
        }
      }
    }
    if (best - before <= kLeastGain) break;
  }
  return best;
}

}  // namespace nextbest
