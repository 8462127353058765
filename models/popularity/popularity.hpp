#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/history.hpp"
#include "models/popularity/params.hpp"
#include "models/source.hpp"

namespace nextbest {

/// [items] baskets with the item, those of nobody included; with `days` > 0 and times, only those of the last `days`
/// days before history.as_of.
std::vector<std::int64_t> item_orders(const HistoryView& history, double days = 0);

/// The source "popularity": the same list for everybody but for the filter. Score = orders with the item in the last
/// recent_days before history.as_of, all of them without times; then popularity of all time, then code. Only items that
/// were ever bought are offered. Without orders and times a customer's history is one basket, so customers count.
std::unique_ptr<Source> make_popularity_source(const HistoryView& history, const PopularityParams& params = {});

}  // namespace nextbest
