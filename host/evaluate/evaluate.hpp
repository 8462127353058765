#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/evaluate/lists.hpp"
#include "host/job/job.hpp"
#include "host/job/reporter.hpp"
#include "host/store/order_log.hpp"
#include "kernels/core/context.hpp"
#include "models/blend/ranker.hpp"

namespace nextbest {

/// What `evaluate` leaves behind.
struct EvaluationResult {
  nlohmann::json metrics;                 ///< metrics.json, complete
  std::vector<RankedLists> lists;         ///< "blend" first, then every source: the table evaluation_lists
  EvaluationSet set;                      ///< row r of every list belongs to set.customer[r]
  std::vector<std::string> source_names;  ///< in the order of the job's `recommend.sources`
  BlendModel blend;                       ///< fitted on the validation part; also right for the final model
  nlohmann::json blend_file;              ///< the same as it is kept; see blend_file.hpp
};

/// Why this log cannot be evaluated as the job asks, with what to do; empty when it can. A job that names its split
/// (EvaluateParams::split_given) must have the data for it; without a named one, the best split that the data
/// allow is taken, see plan_split().
std::string why_not_evaluated(const OrderLog& log, const EvaluateParams& params);

/// Splits the log, fits all sources on the training part, the blend on the validation part, fits again as `refit`
/// says, asks every source and the blend for lists, and measures them against the test part; then hides one line of
/// every test order and asks "together" for it (attach rates). Without customers the latter is all there is: no lists,
/// no set. previous_metrics  metrics.json of the last published run, or null; becomes the baseline `previous_run`
/// Deterministic, the same for every number of threads. Memory: the model, and evaluated customers x largest cutoff
/// x 9 bytes for the blend, each source and each baseline.
/// @throws DataError the split needs what the data lack
EvaluationResult evaluate(Context& ctx, const OrderLog& log, const Job& job, Reporter& reporter,
                          const nlohmann::json* previous_metrics = nullptr);

/// Only the first half of `evaluate`: fits on what lies before the validation part (without a test part, so the
/// validation part is the newest) and returns the blend. For jobs with `evaluate.enabled = false`. When the data
/// allow no split, or there is one source and so nothing to weigh: nothing, and the recommender keeps its prior.
std::optional<BlendModel> fit_blend_on_validation(Context& ctx, const OrderLog& log, const Job& job,
                                                  Reporter& reporter);

/// What the evaluation gate says against these metrics; empty when they pass. previous_metrics as above.
std::string gate_refusal(const nlohmann::json& metrics, const nlohmann::json* previous_metrics,
                         const EvaluateParams& params);

}  // namespace nextbest
