#pragma once

#include <cstdint>
#include <vector>

#include "host/evaluate/lists.hpp"
#include "models/history.hpp"

namespace nextbest {

/// Orders with each item [items], of those later than `after` (kNoTime: all of them). Without order ids and times the
/// units of the history are whole customers, so these are customers with the item.
std::vector<std::int64_t> orders_with_item(const HistoryView& history, Micros after = kNoTime);

/// Baseline `popularity`: one list for everybody. score = orders with the item in the 30 days up to history.as_of, all
/// orders where there are no times; ties by all orders, then by id. Items that nobody bought are not listed.
/// without_owned  every customer's own history is left out
RankedLists popularity_baseline(const HistoryView& history, const EvaluationSet& set, Offset k, bool without_owned);

/// Baseline `personal_frequency` (GP-TopFreq): the customer's own items by the number of his orders with them, ties by
/// all orders with the item, then by id; filled up by all orders with the item, score 0.
/// learnt  gives the popularity      read  gives the customers' orders
RankedLists personal_frequency_baseline(const HistoryView& learnt, const HistoryView& read, const EvaluationSet& set,
                                        Offset k, bool without_owned);

}  // namespace nextbest
