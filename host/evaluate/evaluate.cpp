#include "host/evaluate/evaluate.hpp"

#include <algorithm>
#include <memory>

#include "host/evaluate/baselines.hpp"
#include "host/evaluate/evaluation_set.hpp"
#include "host/evaluate/history_part.hpp"
#include "host/evaluate/report.hpp"
#include "host/evaluate/split.hpp"
#include "kernels/core/error.hpp"
#include "models/recommender.hpp"

namespace nextbest {
namespace {

/// Blend weights are a handful of numbers; more customers than this do not change them.
constexpr Offset kBlendCustomers = 20'000;

RecommenderParams model_params(const Job& job) {
  RecommenderParams params{job.recommend, job.pairs, job.embeddings};
  if (job.evaluate.targets == Targets::kNew) params.recommend.owned = Owned::kExclude;
  return params;
}

Recommender fit(Context& ctx, const HistoryView& history, const Job& job, Reporter& reporter) {
  throw_if_interrupted();
  return Recommender::fit(ctx, history, model_params(job), [&](const std::string& event, double value) {
    reporter.info("fit", event, {{"value", value}});
  });
}

/// The weights found on the validation part, and on how many customers; none: the recommender's prior.
struct Weights {
  std::vector<double> value;
  Offset customers = 0;
};

Weights fit_weights(Context& ctx, const OrderLog& log, const Job& job, const SplitPlan& plan,
                    const HistoryView& history, const Recommender& recommender, Reporter& reporter) {
  TargetRules rules = target_rules(plan.validation, job.evaluate.targets);
  if (!recommender.offers_owned()) rules.new_only = true;
  const EvaluationSet all = select_targets(log, plan.part, Part::kValidation, history, rules).set;
  const EvaluationSet set = sample_customers(all, kBlendCustomers, job.seed);
  if (set.customer.empty()) {
    reporter.warning("blend", "no customer has a target in the validation part: the blend keeps its prior weights", {});
    return {{recommender.weights().begin(), recommender.weights().end()}, 0};
  }
  throw_if_interrupted();
  Weights out{fit_blend(ctx, recommender, history, set.customer, set.targets.view(), {}),
              static_cast<Offset>(set.customer.size())};
  nlohmann::json fields = {{"customers", out.customers}};
  for (std::size_t s = 0; s < out.value.size(); ++s) fields[recommender.source_names()[s]] = out.value[s];
  reporter.info("blend", "weights of the sources, fitted on the validation part", fields);
  return out;
}

RankedLists to_lists(std::string source, Recommendations given, bool with_origin) {
  return {std::move(source), given.k, std::move(given.item), std::move(given.score),
          with_origin ? std::move(given.source) : std::vector<std::uint8_t>{}};
}

/// Everything that stands between the split and the numbers.
struct Trial {
  const OrderLog& log;
  const Job& job;
  SplitPlan plan;
  std::shared_ptr<const HistoryPart> train;         ///< the training part
  std::shared_ptr<const HistoryPart> learnt, read;  ///< what the final models see; what is read as the past
  SelectedTargets selected;
  Weights weights;
  bool offers_owned = false;
};

nlohmann::json protocol(const Trial& trial) {
  const EvaluateParams& params = trial.job.evaluate;
  nlohmann::json lines;
  for (const auto& [name, part] : {std::pair{"train", Part::kTrain}, std::pair{"validation", Part::kValidation},
                                   std::pair{"test", Part::kTest}, std::pair{"unused", Part::kUnused}})
    lines[name] = trial.plan.lines(part);
  nlohmann::json out = {{"split", trial.plan.kind},
                        {"split_given", params.split_given},
                        {"validation", trial.plan.validation},
                        {"validation_customers", trial.weights.customers},
                        {"refit", params.refit == Refit::kFull      ? "full"
                                  : params.refit == Refit::kHistory ? "history"
                                                                    : "none"},
                        {"targets", params.targets == Targets::kNew ? "new" : "all"},
                        {"owned", trial.offers_owned ? "allow" : "exclude"},
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

std::vector<TargetClass> classes_of(const Job& job) {
  if (job.evaluate.targets == Targets::kNew) return {TargetClass::kNew};
  return {TargetClass::kAll, TargetClass::kNew, TargetClass::kRepeat};
}

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

nlohmann::json write_metrics(Context& ctx, const Trial& trial, const EvaluationResult& result, Reporter& reporter,
                             const nlohmann::json* previous) {
  const EvaluationSet& set = result.set;
  const std::vector<int>& cutoffs = trial.job.evaluate.cutoffs;
  const bool new_only = trial.job.evaluate.targets == Targets::kNew;
  const auto measured = [&](const RankedLists& lists) {
    throw_if_interrupted();
    return measure(ctx, set, lists, classes_of(trial.job), cutoffs, trial.job.seed);
  };
  nlohmann::json out = {{"schema_version", 1},
                        {"split", "test"},
                        {"customers", set.customer.size()},
                        {"customers_by_target", customers_by_class(set, new_only)},
                        {"protocol", protocol(trial)},
                        {"bootstrap", {{"resamples", kResamples}, {"confidence", 0.95}, {"seed", trial.job.seed}}},
                        {"sources", nlohmann::json::object()},
                        {"baselines", nlohmann::json::object()},
                        {"rule_violations", count_violations(set, result.lists.front(), !trial.offers_owned)}};
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
  }
  if (previous != nullptr && previous->contains("targets")) out["baselines"]["previous_run"] = previous->at("targets");
  for (std::size_t s = 0; s < result.source_names.size(); ++s)
    out["blend_weights"][result.source_names[s]] = result.blend_weights[s];
  return out;
}

/// Lists of the blend and of every source, for the evaluated customers.
void recommend_all(Context& ctx, const Recommender& recommender, const HistoryView& read, EvaluationResult& result,
                   Offset k, Reporter& reporter) {
  const std::span<const Code> customers = result.set.customer;
  const auto all = static_cast<std::int64_t>(recommender.source_names().size()) + 1;
  result.lists.push_back(to_lists("blend", recommender.recommend(ctx, read, customers, k, {}), true));
  for (std::size_t s = 0; s < recommender.source_names().size(); ++s) {
    reporter.progress(static_cast<std::int64_t>(s) + 1, all, "sources");
    throw_if_interrupted();
    result.lists.push_back(
        to_lists(recommender.source_names()[s], recommender.candidates(ctx, s, read, customers, k, {}), false));
  }
  reporter.progress(all, all, "sources");
}

Trial prepare(const OrderLog& log, const Job& job, SplitPlan plan) {
  const Refit refit = job.evaluate.refit;
  const auto train = std::make_shared<const HistoryPart>(log, plan.part, only(Part::kTrain), plan.train_until);
  std::shared_ptr<const HistoryPart> both = train;
  if (refit != Refit::kNone && plan.lines(Part::kValidation) > 0)
    both = std::make_shared<const HistoryPart>(log, plan.part, Part::kTrain | Part::kValidation, plan.history_until);
  SelectedTargets selected =
      select_targets(log, plan.part, Part::kTest, both->view(), target_rules(plan.kind, job.evaluate.targets));
  if (selected.set.customer.empty())
    throw DataError("evaluate: no customer has a target in the test part; choose another evaluate.split");
  return {log, job, std::move(plan), train, refit == Refit::kFull ? both : train, both, std::move(selected), {}, false};
}

}  // namespace

EvaluationResult evaluate(Context& ctx, const OrderLog& log, const Job& job, Reporter& reporter,
                          const nlohmann::json* previous_metrics) {
  Trial trial = prepare(log, job, plan_split(log, job.evaluate, job.seed));
  reporter.info("split",
                "split of the evaluation" + std::string(job.evaluate.split_given ? "" : ", chosen by the data"),
                protocol(trial));
  Recommender recommender = fit(ctx, trial.train->view(), job, reporter);
  trial.weights = fit_weights(ctx, log, job, trial.plan, trial.train->view(), recommender, reporter);
  if (trial.learnt != trial.train) recommender = fit(ctx, trial.learnt->view(), job, reporter);
  trial.train.reset();
  recommender.set_weights(trial.weights.value);
  trial.offers_owned = recommender.offers_owned();

  EvaluationResult result;
  result.set = trial.selected.set;
  result.source_names.assign(recommender.source_names().begin(), recommender.source_names().end());
  result.blend_weights = trial.weights.value;
  const Offset k = *std::max_element(job.evaluate.cutoffs.begin(), job.evaluate.cutoffs.end());
  recommend_all(ctx, recommender, trial.read->view(), result, k, reporter);
  result.metrics = write_metrics(ctx, trial, result, reporter, previous_metrics);
  return result;
}

std::vector<double> fit_weights_on_validation(Context& ctx, const OrderLog& log, const Job& job, Reporter& reporter) {
  const SplitPlan plan = plan_validation(log, job.evaluate, job.seed);
  if (plan.kind == "none") return {};
  const HistoryPart train(log, plan.part, only(Part::kTrain), plan.train_until);
  const Recommender recommender = fit(ctx, train.view(), job, reporter);
  return fit_weights(ctx, log, job, plan, train.view(), recommender, reporter).value;
}

}  // namespace nextbest
