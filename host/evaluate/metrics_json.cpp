#include <algorithm>
#include <utility>

#include "host/evaluate/baselines.hpp"
#include "host/evaluate/breakdown.hpp"
#include "host/evaluate/report.hpp"
#include "host/evaluate/trial.hpp"

namespace nextbest {
namespace {

/// Customers with at least one target of each class.
nlohmann::json customers_by_class(const EvaluationSet& set, bool new_only) {
  std::int64_t fresh = 0, repeated = 0;
  for (Offset r = 0; r < static_cast<Offset>(set.customer.size()); ++r) {
    const auto targets = set.targets.view().row(r), owned = set.history.view().row(r);
    const auto held = std::count_if(targets.begin(), targets.end(),
                                    [&](Code i) { return std::binary_search(owned.begin(), owned.end(), i); });
    repeated += held > 0;
    fresh += held < static_cast<std::ptrdiff_t>(targets.size());
  }
  if (new_only) return {{"new", fresh}};
  return {{"all", set.customer.size()}, {"new", fresh}, {"repeat", repeated}};
}

/// What the lists of the blend, every source and the baselines come to.
void add_lists(Context& ctx, const Trial& trial, const EvaluationResult& result, Reporter& reporter,
               nlohmann::json& out) {
  const EvaluationSet& set = result.set;
  const bool new_only = trial.job.evaluate.targets == Targets::kNew;
  const auto measured = [&](const RankedLists& lists) {
    throw_if_interrupted();
    return measure(ctx, set, lists, measured_classes(trial.job.evaluate.targets), trial.job.evaluate.cutoffs,
                   trial.job.seed);
  };
  out["rule_violations"] = count_violations(set, result.lists.front(), !trial.offers_owned);
  out["protocol"]["owned"] = trial.offers_owned ? "allow" : "exclude";
  const Measured blend = measured(result.lists.front());
  out["targets"] = blend.classes;
  const std::vector<std::int64_t> orders = orders_with_item(trial.learnt->view());
  for (std::size_t l = 0; l < result.lists.size(); ++l) {
    const RankedLists& lists = result.lists[l];
    out["popularity_share"][lists.source] = popularity_share(lists, orders);
    if (l > 0) out["sources"][lists.source] = measured(lists).classes;
    reporter.progress(static_cast<std::int64_t>(l) + 1, static_cast<std::int64_t>(result.lists.size()) + 2, "lists");
  }
  const Offset k = result.lists.front().k;
  for (const RankedLists& lists :
       {popularity_baseline(trial.learnt->view(), set, k, new_only),
        personal_frequency_baseline(trial.learnt->view(), trial.read->view(), set, k, new_only)}) {
    const Measured baseline = measured(lists);
    out["baselines"][lists.source] = baseline.classes;
    out["differences"][lists.source] = paired_differences(blend, baseline);
    if (lists.source == "personal_frequency")
      out["breakdown"] = breakdown_json(ctx, trial, result.lists.front(), lists);
  }
}

}  // namespace

/// Which kind of blend was taken, and how all did on customers that they were not fitted on.
nlohmann::json blend_report_json(const BlendReport& report) {
  nlohmann::json out = {{"kind", kBlendKinds[static_cast<int>(report.kind)]},
                        {"customers", report.customers},
                        {"earlier_customers", report.earlier_customers},
                        {"tree_rounds", report.rounds},
                        {"validation_ndcg_at_10", nlohmann::json::object()}};
  for (int kind = 0; kind < 3; ++kind)
    if (report.ndcg[kind] > 0) out["validation_ndcg_at_10"][kBlendKinds[kind]] = report.ndcg[kind];
  return out;
}

nlohmann::json protocol_json(const Trial& trial) {
  const EvaluateParams& params = trial.job.evaluate;
  nlohmann::json lines;
  for (const auto& [name, part] : {std::pair{"train", Part::kTrain}, std::pair{"validation", Part::kValidation},
                                   std::pair{"test", Part::kTest}, std::pair{"unused", Part::kUnused}})
    lines[name] = trial.plan.lines(part);
  nlohmann::json out = {{"split", trial.plan.kind},
                        {"split_given", params.split_given},
                        {"validation", trial.plan.validation},
                        {"validation_customers", trial.validation_customers},
                        {"refit", params.refit == Refit::kFull      ? "full"
                                  : params.refit == Refit::kHistory ? "history"
                                                                    : "none"},
                        {"targets", params.targets == Targets::kNew ? "new" : "all"},
                        {"known_items", trial.selected.set.known_items},
                        {"unknown_targets", trial.selected.unknown_targets},
                        {"customers_without_history", trial.selected.customers_without_history},
                        {"lines", lines}};
  if (trial.plan.kind == "time") {
    out["test_days"] = params.test_days;
    out["validation_days"] = params.validation_days;
  }
  return out;
}

nlohmann::json metrics_json(Context& ctx, const Trial& trial, const EvaluationResult& result, Reporter& reporter,
                            const nlohmann::json* previous_metrics) {
  const bool new_only = trial.job.evaluate.targets == Targets::kNew;
  nlohmann::json out = {{"schema_version", 1},
                        {"split", "test"},
                        {"customers", result.set.customer.size()},
                        {"customers_by_target", customers_by_class(result.set, new_only)},
                        {"protocol", protocol_json(trial)},
                        {"bootstrap", {{"resamples", kResamples}, {"confidence", 0.95}, {"seed", trial.job.seed}}},
                        {"targets", nlohmann::json::object()},
                        {"sources", nlohmann::json::object()},
                        {"baselines", nlohmann::json::object()},
                        {"differences", nlohmann::json::object()},
                        {"blend_weights", nlohmann::json::object()},
                        {"rule_violations", 0}};
  if (!result.lists.empty()) add_lists(ctx, trial, result, reporter, out);
  if (previous_metrics != nullptr && previous_metrics->contains("targets"))
    out["baselines"]["previous_run"] = previous_metrics->at("targets");
  for (std::size_t s = 0; s < result.source_names.size(); ++s)
    out["blend_weights"][result.source_names[s]] = result.blend.weights[s];
  if (!result.source_names.empty()) out["blend"] = blend_report_json(trial.blend.report);
  return out;
}

}  // namespace nextbest
