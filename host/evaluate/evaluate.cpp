#include "host/evaluate/evaluate.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include "host/evaluate/blend_file.hpp"
#include "host/evaluate/evaluation_set.hpp"
#include "host/evaluate/history_part.hpp"
#include "host/evaluate/split.hpp"
#include "host/evaluate/trial.hpp"
#include "host/evaluate/validation.hpp"
#include "models/recommender.hpp"

namespace nextbest {
namespace {

/// Blend weights are a handful of numbers; more customers than this do not change them.
constexpr Offset kBlendCustomers = 20'000;
/// With fewer customers in the validation part the blend is a sum of weights, and an earlier window is not worth a fit.
constexpr Offset kFewestForEarlier = 300;

Recommender fit(Context& ctx, const HistoryView& history, const Job& job, Reporter& reporter) {
  throw_if_interrupted();
  return Recommender::fit(ctx, history, recommender_params(job), [&](const std::string& event, double value) {
    reporter.info("fit", event, {{"value", value}});
  });
}

/// The sources at the moment before the validation part, and what customers bought in the window that follows.
struct EarlierWindow {
  HistoryPart history;
  Recommender recommender;
  EvaluationSet set;
};

EarlierWindow earlier_window(Context& ctx, const OrderLog& log, const Job& job, const SplitPlan& plan,
                             Reporter& reporter) {
  const SplitPlan earlier = plan_earlier(log, plan, job.seed);
  HistoryPart history(log, earlier.part, only(Part::kTrain), earlier.train_until, earlier.own_clocks);
  Recommender recommender = fit(ctx, history.view(), job, reporter);
  EvaluationSet set =
      validation_set(log, earlier, history.view(), job, recommender.offers_owned(), kBlendCustomers, Idle::kKept);
  return {std::move(history), std::move(recommender), std::move(set)};
}

FittedBlend fit_blend_of(Context& ctx, const OrderLog& log, const Job& job, const SplitPlan& plan,
                         const HistoryView& history, const Recommender& recommender, Reporter& reporter,
                         Offset& customers) {
  const EvaluationSet set =
      validation_set(log, plan, history, job, recommender.offers_owned(), kBlendCustomers, Idle::kKept);
  customers = static_cast<Offset>(set.customer.size());
  if (set.targets.indices.empty()) {
    reporter.warning("blend", "no customer has a target in the validation part: the blend keeps its prior weights", {});
    customers = 0;
    return {recommender.blend(), {}};
  }
  const BlendWindow now{recommender, history, set.customer, set.targets.view()};
  FittedBlend fitted;
  if (customers >= kFewestForEarlier) {
    const EarlierWindow earlier = earlier_window(ctx, log, job, plan, reporter);
    throw_if_interrupted();
    const BlendWindow before{earlier.recommender, earlier.history.view(), earlier.set.customer,
                             earlier.set.targets.view()};
    fitted = fit_best_blend(ctx, now, &before, {});
  } else {
    fitted = fit_best_blend(ctx, now, nullptr, {});
  }
  nlohmann::json fields = {{"customers", customers}, {"report", blend_report_json(fitted.report)}};
  for (std::size_t s = 0; s < fitted.model.weights.size(); ++s)
    fields[recommender.source_names()[s]] = fitted.model.weights[s];
  reporter.info("blend", "the blend of the sources, fitted on the validation part", fields);
  return fitted;
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
  const auto train =
      std::make_shared<const HistoryPart>(log, plan.part, only(Part::kTrain), plan.train_until, plan.own_clocks);
  std::shared_ptr<const HistoryPart> both = train;
  if (refit != Refit::kNone && plan.lines(Part::kValidation) > 0)
    both = std::make_shared<const HistoryPart>(log, plan.part, Part::kTrain | Part::kValidation, plan.history_until,
                                               plan.own_clocks);
  SelectedTargets selected =
      select_targets(log, plan.part, Part::kTest, both->view(), target_rules(plan.kind, job.evaluate.targets));
  return {log, job,  std::move(plan), train, refit == Refit::kFull ? both : train, both, std::move(selected), {},
          0,   false};
}

/// A single source needs no weights, nor a model of the training part to find them with.
bool is_blended(const Job& job) {
  return job.recommend.sources.size() > 1;
}

/// Fits on the training part, the blend on the validation part, and again as `refit` says.
Recommender fit_and_blend(Context& ctx, Trial& trial, Reporter& reporter) {
  if (!is_blended(trial.job)) {
    Recommender single = fit(ctx, trial.learnt->view(), trial.job, reporter);
    trial.blend.model = single.blend();
    return single;
  }
  Recommender recommender = fit(ctx, trial.train->view(), trial.job, reporter);
  trial.blend = fit_blend_of(ctx, trial.log, trial.job, trial.plan, trial.train->view(), recommender, reporter,
                             trial.validation_customers);
  if (trial.learnt != trial.train) recommender = fit(ctx, trial.learnt->view(), trial.job, reporter);
  recommender.set_blend(trial.blend.model);
  return recommender;
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
    result.blend = trial.blend.model;
    result.blend_file = blend_json(result.blend, recommender->features());
    const Offset k = *std::max_element(job.evaluate.cutoffs.begin(), job.evaluate.cutoffs.end());
    recommend_all(ctx, *recommender, trial.read->view(), result, k, reporter);
  }
  result.metrics = metrics_json(ctx, trial, result, reporter, previous_metrics);
  if (recommender && !recommender->blend().probability.empty())
    result.metrics["calibration"] = calibration_json(ctx, trial, *recommender, job.seed);
  throw_if_interrupted();
  add_attach_rates(ctx, trial, result.metrics);
  return result;
}

std::optional<BlendModel> fit_blend_on_validation(Context& ctx, const OrderLog& log, const Job& job,
                                                  Reporter& reporter) {
  if (!is_blended(job)) return std::nullopt;
  const SplitPlan plan = plan_validation(log, job.evaluate, job.seed);
  if (plan.kind == "none") return std::nullopt;
  const HistoryPart train(log, plan.part, only(Part::kTrain), plan.train_until, plan.own_clocks);
  const Recommender recommender = fit(ctx, train.view(), job, reporter);
  Offset customers = 0;
  return fit_blend_of(ctx, log, job, plan, train.view(), recommender, reporter, customers).model;
}

}  // namespace nextbest
