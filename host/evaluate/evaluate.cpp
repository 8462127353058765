#include "host/evaluate/evaluate.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include "host/evaluate/evaluation_set.hpp"
#include "host/evaluate/history_part.hpp"
#include "host/evaluate/split.hpp"
#include "host/evaluate/trial.hpp"
#include "models/popularity/popularity.hpp"
#include "models/recommender.hpp"
#include "models/together/together.hpp"

namespace nextbest {
namespace {

/// Blend weights are a handful of numbers; more customers than this do not change them.
constexpr Offset kBlendCustomers = 20'000;

RecommenderParams model_params(const Job& job) {
  RecommenderParams params{job.recommend, job.pairs, job.embeddings, nullptr};
  if (job.evaluate.targets == Targets::kNew) params.recommend.owned = Owned::kExclude;
  return params;
}

Recommender fit(Context& ctx, const HistoryView& history, const Job& job, Reporter& reporter) {
  throw_if_interrupted();
  return Recommender::fit(ctx, history, model_params(job), [&](const std::string& event, double value) {
    reporter.info("fit", event, {{"value", value}});
  });
}

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
  return {log, job, std::move(plan), train, refit == Refit::kFull ? both : train, both, std::move(selected), {}, false};
}

/// Fits on the training part, the blend on the validation part, and again as `refit` says.
Recommender fit_and_blend(Context& ctx, Trial& trial, Reporter& reporter) {
  Recommender recommender = fit(ctx, trial.train->view(), trial.job, reporter);
  trial.weights = fit_weights(ctx, trial.log, trial.job, trial.plan, trial.train->view(), recommender, reporter);
  if (trial.learnt != trial.train) recommender = fit(ctx, trial.learnt->view(), trial.job, reporter);
  recommender.set_weights(trial.weights.value);
  return recommender;
}

/// Carts ask the source "together", fitted for them alone where the job has no customers or does without it.
void measure_carts(Context& ctx, const Trial& trial, const Recommender* recommender, nlohmann::json& metrics) {
  const Source* together = recommender ? recommender->source("together") : nullptr;
  std::unique_ptr<Source> alone;
  if (!together) {
    alone = fit_together(ctx, trial.learnt->view(), item_orders(trial.learnt->view()));
    together = alone.get();
  }
  throw_if_interrupted();
  add_attach_rates(ctx, trial, *together, metrics);
}

}  // namespace

EvaluationResult evaluate(Context& ctx, const OrderLog& log, const Job& job, Reporter& reporter,
                          const nlohmann::json* previous_metrics) {
  Trial trial = prepare(log, job, plan_split(log, job.evaluate, job.seed));
  reporter.info("split",
                "split of the evaluation" + std::string(job.evaluate.split_given ? "" : ", chosen by the data"),
                protocol_json(trial));
  EvaluationResult result;
  std::optional<Recommender> recommender;
  if (log.customers.size() > 0) {
    recommender = fit_and_blend(ctx, trial, reporter);
    trial.offers_owned = recommender->offers_owned();
    result.set = trial.selected.set;
    result.source_names.assign(recommender->source_names().begin(), recommender->source_names().end());
    result.blend_weights = trial.weights.value;
    const Offset k = *std::max_element(job.evaluate.cutoffs.begin(), job.evaluate.cutoffs.end());
    recommend_all(ctx, *recommender, trial.read->view(), result, k, reporter);
  }
  result.metrics = metrics_json(ctx, trial, result, reporter, previous_metrics);
  measure_carts(ctx, trial, recommender ? &*recommender : nullptr, result.metrics);
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
