#pragma once

#include <memory>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/evaluate/evaluate.hpp"
#include "host/evaluate/evaluation_set.hpp"
#include "host/evaluate/history_part.hpp"
#include "host/evaluate/split.hpp"
#include "models/recommender.hpp"

namespace nextbest {

/// Everything that stands between the split and the numbers.
struct Trial {
  const OrderLog& log;
  const Job& job;
  SplitPlan plan;
  std::shared_ptr<const HistoryPart> train;         ///< the training part
  std::shared_ptr<const HistoryPart> learnt, read;  ///< what the final models see; what is read as the past
  SelectedTargets selected;
  FittedBlend blend;                ///< fitted on the validation part, or the prior
  Offset validation_customers = 0;  ///< on whom; 0: the prior
  bool offers_owned = false;
};

/// How the numbers came about: split, parts, what was left out.
nlohmann::json protocol_json(const Trial& trial);

nlohmann::json blend_report_json(const BlendReport& report);

/// How well the probabilities of purchase fit the test part: over the listed items of about 20,000 customers with a
/// history, those who bought nothing included. Expected calibration error over 15 bins of equal size, log-loss, Brier
/// score, and the bins.
nlohmann::json calibration_json(Context& ctx, const Trial& trial, const Recommender& recommender, std::uint64_t seed);

/// metrics.json from the finished lists. previous_metrics as for evaluate().
nlohmann::json metrics_json(Context& ctx, const Trial& trial, const EvaluationResult& result, Reporter& reporter,
                            const nlohmann::json* previous_metrics);

/// Measures basket completion on the test orders (carts.hpp) and adds attach_rate_at_k, the share of the carts whose
/// hidden item is among the k offered, to metrics.json: of the source "together", fitted anew for carts on the orders
/// of trial.learnt, and of the baseline popularity.
void add_attach_rates(Context& ctx, const Trial& trial, nlohmann::json& metrics);

}  // namespace nextbest
