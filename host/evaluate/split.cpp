#include "host/evaluate/split.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "host/evaluate/assign.hpp"
#include "host/evaluate/carts.hpp"
#include "host/evaluate/evaluate.hpp"
#include "host/evaluate/evaluation_set.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

constexpr double kHiddenShare = 0.1;

Micros days(double n) {
  return static_cast<Micros>(n * static_cast<double>(kMicrosPerDay));
}

bool has_split(const OrderLog& log, Split wanted) {
  return std::find(log.basket_split.begin(), log.basket_split.end(), wanted) != log.basket_split.end();
}

bool has_customers(const OrderLog& log) {
  return log.customers.size() > 0;
}

/// Everything is training, but what no split may use: orders after the end, and test lines of the column.
std::vector<Part> untouched(const OrderLog& log, bool column) {
  std::vector<Part> part(static_cast<std::size_t>(log.lines()), Part::kTrain);
  for (Offset b = 0; b < log.baskets(); ++b) {
    const bool test = !log.basket_split.empty() && log.basket_split[b] == Split::kTest;
    const bool late = !test && log.as_of != kNoTime && !log.basket_time.empty() && log.basket_time[b] > log.as_of;
    if (late || (test && !column))
      std::fill(part.begin() + log.basket_offset[b], part.begin() + log.basket_offset[b + 1], Part::kUnused);
  }
  return part;
}

/// Earliest and latest time of the orders in a part.
std::optional<std::pair<Micros, Micros>> span_of(const OrderLog& log, const std::vector<Part>& part, Part wanted) {
  std::optional<std::pair<Micros, Micros>> span;
  for (Offset b = 0; b < log.baskets(); ++b) {
    const auto begin = part.begin() + log.basket_offset[b], end = part.begin() + log.basket_offset[b + 1];
    if (std::find(begin, end, wanted) == end) continue;
    const Micros t = log.basket_time[b];
    span = span ? std::pair{std::min(span->first, t), std::max(span->second, t)} : std::pair{t, t};
  }
  return span;
}

/// A validation part that resembles the test part of a column.
void carve_validation(const OrderLog& log, std::uint64_t seed, SplitPlan& plan) {
  if (!log.basket_time.empty()) {
    const auto train = span_of(log, plan.part, Part::kTrain), test = span_of(log, plan.part, Part::kTest);
    if (train && test && test->first > train->second && train->second - (test->second - test->first) > train->first) {
      assign_after(log, train->second - (test->second - test->first) - 1, Part::kValidation, plan.part);
      plan.validation = "time";
      return;
    }
    assign_last_order(log, Part::kValidation, plan.part);
    plan.validation = "last_order";
    if (plan.lines(Part::kValidation) > 0) return;
  }
  const auto test = static_cast<double>(plan.lines(Part::kTest)), train = static_cast<double>(plan.lines(Part::kTrain));
  assign_hidden(log, test > 0 ? test / (test + train) : kHiddenShare, seed, Part::kValidation, plan.part);
  plan.validation = "hidden_items";
}

/// Fills in one kind of split. Without a test part the validation part is the newest.
void follow(const std::string& kind, const OrderLog& log, const EvaluateParams& params, std::uint64_t seed,
            bool with_test, SplitPlan& plan) {
  plan.kind = plan.validation = kind;
  plan.part = untouched(log, kind == "column" && with_test);
  if (kind == "column") {
    assign_column(log, plan.part);
    if (!has_split(log, Split::kValidation) && has_customers(log)) carve_validation(log, seed, plan);
  } else if (kind == "time") {
    plan.history_until = log.as_of - (with_test ? days(params.test_days) : 0);
    plan.train_until = plan.history_until - days(params.validation_days);
    assign_after(log, plan.history_until, Part::kTest, plan.part);
    assign_after(log, plan.train_until, Part::kValidation, plan.part);
  } else if (kind == "hidden_orders") {
    plan.validation = "none";
    if (with_test) assign_hidden_orders(log, kHiddenShare, seed, Part::kTest, plan.part);
  } else {
    for (const Part to : {Part::kTest, Part::kValidation}) {
      if (to == Part::kTest && !with_test) continue;
      if (kind == "last_order") assign_last_order(log, to, plan.part);
      if (kind == "last_item") assign_last_item(log, to, plan.part);
      if (kind == "hidden_items") assign_hidden(log, kHiddenShare, seed, to, plan.part);
    }
  }
}

bool asks_for_next_orders(const OrderLog& log, const std::vector<Part>& part) {
  if (log.basket_time.empty()) return false;
  const auto train = span_of(log, part, Part::kTrain);
  for (const Part later : {Part::kValidation, Part::kTest})
    if (const auto span = span_of(log, part, later); span && train && span->first <= train->second) return true;
  return false;
}

/// Why the data cannot follow a kind of split at all; empty when they can.
std::string missing_for(const std::string& kind, const OrderLog& log) {
  if (kind == "hidden_orders") return "";
  if (!has_customers(log) && kind != "time" && kind != "column")
    return "the orders have no customers (map the column customer_id)";
  if (kind == "column" && !has_split(log, Split::kTest))
    return "no line is marked `test` in the column `split` (map it in [input.orders.columns])";
  if (kind != "column" && kind != "hidden_items" && log.basket_time.empty())
    return "the orders have no times (map the column ordered_at, or choose { kind = \"column\" })";
  return "";
}

/// What is read as the past at test time.
Parts past_of(const EvaluateParams& params) {
  return params.refit == Refit::kNone ? only(Part::kTrain) : Part::kTrain | Part::kValidation;
}

/// The distinct items of one customer's lines in `parts`, ascending.
std::vector<Code> items_in(const OrderLog& log, const SplitPlan& plan, std::size_t customer, Parts parts) {
  std::vector<Code> items;
  for (Offset l = log.basket_offset[log.customer_offset[customer]];
       l < log.basket_offset[log.customer_offset[customer + 1]]; ++l)
    if (contains(parts, plan.part[l])) items.push_back(log.line_item[l]);
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  return items;
}

/// Is there a customer with a history and a target in `wanted`? Stops at the first.
bool anybody(const OrderLog& log, const SplitPlan& plan, const EvaluateParams& params, Part wanted) {
  const TargetRules rules = target_rules(plan.kind, params.targets);
  const Parts past = wanted == Part::kTest ? past_of(params) : only(Part::kTrain);
  const std::vector<char> known = rules.known_only ? items_in_parts(log, plan.part, past)
                                                   : std::vector<char>(static_cast<std::size_t>(log.items.size()), 1);
  for (std::size_t c = 0; c + 1 < log.customer_offset.size(); ++c) {
    const std::vector<Code> targets = items_in(log, plan, c, only(wanted));
    if (targets.empty()) continue;
    const std::vector<Code> owned = items_in(log, plan, c, past);
    if (owned.empty()) continue;
    if (std::any_of(targets.begin(), targets.end(), [&](Code item) {
          return known[item] && !(rules.new_only && std::binary_search(owned.begin(), owned.end(), item));
        }))
      return true;
  }
  return false;
}

/// Whether there is something to measure: a customer with a target, or without customers a cart to complete.
bool anything(const OrderLog& log, const SplitPlan& plan, const EvaluateParams& params) {
  if (has_customers(log)) return anybody(log, plan, params, Part::kTest);
  return any_cart(log, plan.part, items_in_parts(log, plan.part, past_of(params)));
}

std::string too_little(const std::string& kind, const OrderLog& log, const EvaluateParams& params) {
  if (!has_customers(log)) return "no test order has two different items that were bought before it";
  if (kind != "time") return "no customer has both a history and a target";
  const double covered = static_cast<double>(log.as_of - log.first_time) / static_cast<double>(kMicrosPerDay);
  return fmt::format(
      "the orders cover {:.1f} days, and no customer with orders before the last {:g} days bought in them "
      "(lower evaluate.split.test_days, or choose {{ kind = \"last_order\" }})",
      covered, params.test_days);
}

std::string name_of(SplitKind kind) {
  switch (kind) {
    case SplitKind::kColumn:
      return "column";
    case SplitKind::kLastOrder:
      return "last_order";
    case SplitKind::kLastItem:
      return "last_item";
    default:
      return "time";
  }
}

std::vector<std::string> kinds_to_try(const OrderLog& log, const EvaluateParams& params) {
  if (params.split_given) return {name_of(params.split)};
  if (!has_customers(log)) return {"column", "time", "hidden_orders"};
  return {"column", "time", "last_order", "hidden_items"};
}

}  // namespace

std::int64_t SplitPlan::lines(Part wanted) const {
  return std::count(part.begin(), part.end(), wanted);
}

SplitPlan plan_split(const OrderLog& log, const EvaluateParams& params, std::uint64_t seed) {
  std::string why;
  for (const std::string& kind : kinds_to_try(log, params)) {
    SplitPlan plan;
    if (std::string missing = missing_for(kind, log); !missing.empty()) {
      why = std::move(missing);
      continue;
    }
    follow(kind, log, params, seed, true, plan);
    if (anything(log, plan, params)) {
      if (plan.lines(Part::kValidation) == 0) plan.validation = "none";
      plan.own_clocks = asks_for_next_orders(log, plan.part);
      return plan;
    }
    why = too_little(kind, log, params);
  }
  throw DataError(fmt::format("evaluate.split = {{ kind = \"{}\" }}: {}",
                              params.split_given ? name_of(params.split) : "auto", why));
}

SplitPlan plan_validation(const OrderLog& log, const EvaluateParams& params, std::uint64_t seed) {
  for (const std::string& kind : kinds_to_try(log, params)) {
    SplitPlan plan;
    const bool marked = kind == "column" && !log.basket_split.empty();
    if (!marked && !missing_for(kind, log).empty()) continue;
    follow(kind, log, params, seed, false, plan);
    plan.own_clocks = asks_for_next_orders(log, plan.part);
    if (anybody(log, plan, params, Part::kValidation)) return plan;
  }
  SplitPlan plan;
  plan.kind = plan.validation = "none";
  plan.part = untouched(log, false);
  return plan;
}

SplitPlan plan_earlier(const OrderLog& log, const SplitPlan& plan, std::uint64_t seed) {
  SplitPlan earlier = plan;
  for (Part& part : earlier.part)
    if (part != Part::kTrain) part = part == Part::kValidation ? Part::kTest : Part::kUnused;
  if (plan.kind == "time") {
    earlier.history_until = plan.train_until;
    earlier.train_until = plan.train_until - (plan.history_until - plan.train_until);
    assign_after(log, earlier.train_until, Part::kValidation, earlier.part);
  } else if (plan.validation == "last_item") {
    assign_last_item(log, Part::kValidation, earlier.part);
  } else {
    carve_validation(log, seed, earlier);
  }
  earlier.validation = plan.validation;
  std::replace(earlier.part.begin(), earlier.part.end(), Part::kTest, Part::kUnused);
  return earlier;
}

std::string why_not_evaluated(const OrderLog& log, const EvaluateParams& params) {
  try {
    plan_split(log, params, 0);
    return "";
  } catch (const DataError& error) {
    return error.what();
  }
}

}  // namespace nextbest
