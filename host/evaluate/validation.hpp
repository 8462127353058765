#pragma once

#include "host/evaluate/evaluation_set.hpp"
#include "host/evaluate/history_part.hpp"
#include "host/evaluate/split.hpp"
#include "host/job/job.hpp"
#include "host/store/order_log.hpp"
#include "models/recommender.hpp"

namespace nextbest {

/// What a job's models are fitted with.
RecommenderParams recommender_params(const Job& job);

enum class Idle { kLeftOut, kKept };

/// Who of the validation part is looked at, about `most` of them: what a blend is fitted on and `tune` judges by. Where
/// owned items are not offered, targets that a customer owns do not count. In a time split, customers who were silent
/// are kept where that is wanted, with no targets: a probability to buy has to know them. Other splits have none.
/// history  the training part of the plan
EvaluationSet validation_set(const OrderLog& log, const SplitPlan& plan, const HistoryView& history, const Job& job,
                             bool offers_owned, Offset most, Idle idle);

}  // namespace nextbest
