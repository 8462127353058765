#pragma once

#include <span>
#include <vector>

#include "kernels/core/context.hpp"
#include "models/blend/ranker.hpp"

namespace nextbest {

/// Candidates with known outcomes, customer by customer, each in the order of the weighted sum.
struct RankerData {
  std::size_t features = 0;
  std::vector<Offset> offset{0};         ///< [customers + 1] into the candidates
  std::vector<int> fold;                 ///< [customers] by hash of the customer
  std::vector<double> ideal;             ///< [customers] DCG of a perfect list; 0 = bought nothing
  std::vector<float> x;                  ///< [candidates, features]
  std::vector<float> sum;                ///< [candidates] weighted sum
  std::vector<float> label;              ///< [candidates] 1 = bought
  std::vector<std::int64_t> popularity;  ///< [candidates]
  std::vector<Code> item;                ///< [candidates]

  Offset customers() const { return static_cast<Offset>(offset.size()) - 1; }
};

inline constexpr int kFolds = 3;

/// Mean NDCG@10 (ideal truncated) over the customers who bought something, under the scores of their candidates.
double ranked_ndcg(const RankerData& data, std::span<const float> score);

/// Judges weights, logistic regression and trees on `data`, takes the simplest kind within 1 % of the best NDCG@10,
/// fits that on everything, and calibrates it on the scores it was judged by. Nobody is judged by a model that has seen
/// what he bought: with `before`, the same from an earlier window, models learn there, so that what holds for one month
/// only (an item's season) does not pass for knowledge; without, they learn on other customers (kFolds folds). There
/// are as many trees as give those who are judged the best NDCG@10, in steps of ten. weights  of the sum, whose NDCG@10
/// on the same candidates is that of the order they come in
BlendReport fit_ranker(Context& ctx, const RankerData& data, const RankerData* before, BlendModel& model);

}  // namespace nextbest
