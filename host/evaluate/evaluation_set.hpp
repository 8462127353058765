#pragma once

#include <span>

#include "host/evaluate/lists.hpp"
#include "host/evaluate/split.hpp"
#include "host/store/order_log.hpp"
#include "models/history.hpp"

namespace nextbest {

/// Who counts as a target, and for whom.
struct TargetRules {
  bool new_only = false;       ///< leave out what the customer has in the history
  bool known_only = false;     ///< leave out items that nobody bought before the cut: no model can know them
  bool with_idle = false;      ///< keep customers with a history who bought nothing, with no targets
  bool needs_history = false;  ///< leave out customers without an order before the cut
};

/// An evaluation set, and what the rules left out of it.
struct SelectedTargets {
  EvaluationSet set;
  std::int64_t customers_without_history = 0;  ///< left out by `needs_history`
  std::int64_t unknown_targets = 0;            ///< (customer, item) left out by `known_only`
};

/// A time split asks what comes next for the customers one has, of the products one has. The other splits name their
/// targets line by line, as published protocols do, and every one of them counts.
TargetRules target_rules(const std::string& split_kind, Targets targets);

/// The distinct items of every customer's lines in `wanted`, for customers with at least one left by the rules.
/// history  what was known before the cut; the same customers and items as the log
SelectedTargets select_targets(const OrderLog& log, std::span<const Part> part, Part wanted, const HistoryView& history,
                               const TargetRules& rules);

/// About `customers` rows of a set, drawn by Philox from the customer codes; all of them when there are no more.
EvaluationSet sample_customers(const EvaluationSet& set, Offset customers, std::uint64_t seed);

}  // namespace nextbest
