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

const std::array<double, kCutoff> kDiscount = [] {
  std::array<double, kCutoff> values{};
  for (int place = 0; place < kCutoff; ++place) values[place] = 1.0 / std::log2(place + 2.0);
  return values;
}();

double ideal_dcg(Offset targets) {
  double sum = 0;
  for (Offset place = 0; place < std::min<Offset>(targets, kCutoff); ++place) sum += kDiscount[place];
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
  double dcg() const {
    double sum = 0;
    for (int place = 0; place < size_; ++place) sum += target_[place] ? kDiscount[place] : 0.0;
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
  const std::size_t before = customers_;
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
    customer_.push_back(before + static_cast<std::size_t>(row));
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

double BlendSearch::row_ndcg(std::size_t row, const std::vector<float>& column, float weight) const {
  Best best;
  for (Offset at = offset_[row]; at < offset_[row + 1]; ++at)
    best.offer(base_[at] + weight * column[at], is_target_[at]);
  return best.dcg() / ideal_[row];
}

double BlendSearch::mean_ndcg(std::size_t source, float weight) const {
  if (customers_ == 0) return 0;
  double sum = 0;
  for (std::size_t row = 0; row < ideal_.size(); ++row) sum += row_ndcg(row, column_[source], weight);
  return sum / static_cast<double>(customers_);
}

std::vector<double> BlendSearch::ndcg_by_customer(std::span<const double> weights) {
  fill_base(weights, 0);
  std::vector<double> value(customers_, 0.0);
  for (std::size_t row = 0; row < ideal_.size(); ++row)
    value[customer_[row]] = row_ndcg(row, column_[0], static_cast<float>(weights[0]));
  return value;
}

double BlendSearch::ndcg(std::span<const double> weights) {
  fill_base(weights, 0);
  return mean_ndcg(0, static_cast<float>(weights[0]));
}

bool BlendSearch::improve(Context& ctx, std::size_t source, std::vector<double>& weights, double& best) {
  fill_base(weights, source);
  std::array<double, kGrid.size()> value{};
  parallel_for(ctx, static_cast<Offset>(kGrid.size()), 1,
               [&](Offset trial, Offset, int) { value[trial] = mean_ndcg(source, static_cast<float>(kGrid[trial])); });
  bool better = false;
  for (std::size_t trial = 0; trial < kGrid.size(); ++trial) {
    if (!(value[trial] > best + kLeastGain)) continue;
    best = value[trial];
    weights[source] = kGrid[trial];
    better = true;
  }
  return better;
}

double BlendSearch::climb(Context& ctx, std::vector<double>& weights) {
  double best = ndcg(weights);
  for (int round = 0; round < kMostRounds; ++round) {
    bool better = false;
    for (std::size_t s = 0; s < weights.size(); ++s) better = improve(ctx, s, weights, best) || better;
    if (!better) break;
  }
  return best;
}

double BlendSearch::climb_one(Context& ctx, std::size_t source, std::vector<double>& weights) {
  double best = ndcg(weights);
  improve(ctx, source, weights, best);
  return best;
}

}  // namespace nextbest
