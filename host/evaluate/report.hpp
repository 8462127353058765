#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/evaluate/bootstrap.hpp"
#include "host/evaluate/lists.hpp"
#include "host/evaluate/scores.hpp"

namespace nextbest {

/// The part of metrics.json that the lists of one source give, and what is kept for paired differences.
struct Measured {
  CustomerScores scores;  ///< `value` and `member` are released once the resamples are drawn
  ResampledMeans resamples;
  nlohmann::json classes;  ///< {"all": {"recall_at_10": {"value", "lo", "hi"}, ...}, ...}
};

/// Scores, resamples and writes down one source's lists. Coverage is a property of the whole set of lists: its lo and
/// hi equal its value.
Measured measure(Context& ctx, const EvaluationSet& set, const RankedLists& lists,
                 const std::vector<TargetClass>& classes, const std::vector<int>& cutoffs, std::uint64_t seed);

/// {"all": {"recall_at_10": {"value", "lo", "hi"}, ...}, ...} of a - b, with paired intervals.
nlohmann::json paired_differences(const Measured& a, const Measured& b);

/// Share of the listed places by popularity of the item among those with an order: the most popular 1 %, the next 9 %,
/// and the rest. {"p0_90", "p90_99", "p99_100"}
nlohmann::json popularity_share(const RankedLists& lists, const std::vector<std::int64_t>& orders);

/// Places of these lists that break a rule: an item twice in one list, or an owned item where `without_owned`.
std::int64_t count_violations(const EvaluationSet& set, const RankedLists& lists, bool without_owned);

}  // namespace nextbest
