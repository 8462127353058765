#include <algorithm>
#include <memory>

#include "host/evaluate/baselines.hpp"
#include "host/evaluate/carts.hpp"
#include "host/evaluate/metrics.hpp"
#include "host/evaluate/report.hpp"
#include "host/evaluate/trial.hpp"
#include "models/popularity/popularity.hpp"
#include "models/together/together.hpp"

namespace nextbest {
namespace {

/// With one hidden line per cart the attach rate is the hit rate over carts.
void add(const nlohmann::json& of_carts, const std::vector<int>& cutoffs, nlohmann::json& to) {
  for (const int k : cutoffs) to[metric_name("attach_rate", k)] = of_carts.at("all").at(metric_name("hit_rate", k));
}

/// What completes a cart is what was bought with it in one order, whoever's and however long ago: every order stands
/// alone, so that nothing reaches into the next and no history is cut.
std::unique_ptr<Source> fit_for_carts(Context& ctx, const HistoryView& history, const TogetherParams& params) {
  const HistoryView orders{history.items, {}, history.basket_offset, history.item, history.time, history.as_of};
  return fit_together(ctx, orders, item_orders(history), params);
}

}  // namespace

void add_attach_rates(Context& ctx, const Trial& trial, nlohmann::json& metrics) {
  const Job& job = trial.job;
  const std::vector<int>& cutoffs = job.evaluate.cutoffs;
  const Parts past = trial.read == trial.train ? only(Part::kTrain) : Part::kTrain | Part::kValidation;
  const EvaluationSet carts =
      carts_with_a_hidden_line(trial.log, trial.plan.part, items_in_parts(trial.log, trial.plan.part, past), job.seed);
  metrics["protocol"]["carts"] = carts.customer.size();
  if (carts.customer.empty()) return;
  const Offset k = *std::max_element(cutoffs.begin(), cutoffs.end());
  const auto measured = [&](const RankedLists& lists) {
    throw_if_interrupted();
    return measure(ctx, carts, lists, {TargetClass::kAll}, cutoffs, job.seed);
  };
  const std::unique_ptr<Source> together = fit_for_carts(ctx, trial.learnt->view(), job.recommend.params.together);
  const Measured ours = measured(complete_carts(ctx, *together, carts, k));
  const Measured popular = measured(popularity_baseline(trial.learnt->view(), carts, k, true));
  const std::string of_class(target_class_name(measured_classes(job.evaluate.targets).front()));
  add(ours.classes, cutoffs, metrics["targets"][of_class]);
  nlohmann::json& sources = metrics["sources"];
  if (sources.empty() || sources.contains("together")) add(ours.classes, cutoffs, sources["together"][of_class]);
  add(popular.classes, cutoffs, metrics["baselines"]["popularity"][of_class]);
  add(paired_differences(ours, popular), cutoffs, metrics["differences"]["popularity"][of_class]);
}

}  // namespace nextbest
