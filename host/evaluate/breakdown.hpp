#pragma once

#include <nlohmann/json.hpp>

#include "host/evaluate/lists.hpp"
#include "host/evaluate/trial.hpp"
#include "kernels/core/context.hpp"

namespace nextbest {

/// Where the lists help, and where they do not: the metrics of some of the customers or targets, of the blend, and less
/// those of a baseline over the same ones, with paired intervals.
///     orders    customers by their number of orders before the cut: 1, 2-4, 5-19, 20 and more
///     category  targets by the broadest level of the catalogue, the kCategories with most targets; of each customer
///     with
///               such targets the whole list counts. Missing without a catalogue of categories
/// Each entry: {"name", "customers", "targets": {metric: {"value", "lo", "hi"}}, "difference": {metric: ...}}. One
/// cutoff, 10 where it is among the job's, and the first class of targets that the job measures. lists, baseline  row r
/// belongs to trial.selected.set.customer[r]
nlohmann::json breakdown_json(Context& ctx, const Trial& trial, const RankedLists& lists, const RankedLists& baseline);
inline constexpr std::size_t kCategories = 12;

}  // namespace nextbest
