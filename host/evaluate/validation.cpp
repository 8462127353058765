#include "host/evaluate/validation.hpp"

namespace nextbest {

RecommenderParams recommender_params(const Job& job) {
  RecommenderParams params{job.recommend, job.pairs, job.embeddings, nullptr};
  if (job.evaluate.targets == Targets::kNew) params.recommend.owned = Owned::kExclude;
  return params;
}

EvaluationSet validation_set(const OrderLog& log, const SplitPlan& plan, const HistoryView& history, const Job& job,
                             bool offers_owned, Offset most, Idle idle) {
  TargetRules rules = target_rules(plan.validation, job.evaluate.targets);
  if (!offers_owned) rules.new_only = true;
  rules.with_idle = idle == Idle::kKept && plan.validation == "time";
  return sample_customers(select_targets(log, plan.part, Part::kValidation, history, rules).set, most, job.seed);
}

}  // namespace nextbest
