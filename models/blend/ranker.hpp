#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/blend/features.hpp"
#include "models/blend/isotonic.hpp"
#include "models/blend/logistic.hpp"
#include "models/blend/trees.hpp"

namespace nextbest {

enum class BlendKind { kWeights, kLogistic, kTrees };
inline constexpr std::string_view kBlendKinds[] = {"weights", "logistic", "trees"};

/// How the candidates of all sources become one list. Weights alone sum normalised scores. The other kinds look at the
/// kRankedCandidates best of that sum again, with the features of blend/features.hpp; the rest follows behind.
struct BlendModel {
  BlendKind kind = BlendKind::kWeights;
  std::vector<double> weights;  ///< [sources]
  bool own_clocks = false;      ///< it was fitted on customers read at their newest basket; see HistoryView
  Logistic logistic;
  TreeEnsemble trees;
  Isotonic probability;  ///< of the score, that the customer buys the item in the horizon; empty: not known

  float score(const float* features) const {
    return kind == BlendKind::kTrees ? trees.score(features) : logistic.score(features);
  }
};

/// Candidates that are worth a second look; a list never has more good places than this.
inline constexpr Offset kRankedCandidates = 120;

/// The candidates of one row in the order of the weighted sum, ties by popularity, then code; at most `most` of them.
std::vector<Offset> best_by_weights(const CandidatePool& pool, Offset row, std::span<const float> weights,
                                    std::span<const std::int64_t> popularity, Offset most);

/// How the kinds did on customers they were not fitted on, and which one was taken: the simplest within 1 % of the
/// best.
struct BlendReport {
  BlendKind kind = BlendKind::kWeights;
  double ndcg[3] = {0, 0, 0};    ///< by BlendKind: NDCG@10, out of fold; 0 = not tried
  Offset customers = 0;          ///< that the kinds were fitted on; 0 = too few
  Offset earlier_customers = 0;  ///< of an earlier window that they learnt from; 0 = judged by folds
  int rounds = 0;                ///< trees
};

}  // namespace nextbest
