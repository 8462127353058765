#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/history.hpp"
#include "models/replenish/params.hpp"
#include "models/source.hpp"

namespace nextbest {

/// The gamma distribution over customers of the rate, per day, at which an item is bought again.
struct RepeatRate {
  double shape = 0, rate = 0;  ///< both 0 where nobody ever bought anything twice
};

/// A gamma distribution per item, [history.items], by moments: with x the repeat purchases of a customer and E the days
/// since his first one (at least 1), over the customers with the item
///     mean = sum x / sum E,   variance = sum x (x - 1) / sum E^2 - mean^2, at least mean^2 / 20
/// which a Poisson process with a gamma distributed rate would have. Beside the item's own customers stand `shrinkage`
/// average customers of its category, and beside those of the category as many of all items; without categories, of
/// all items directly.
std::vector<RepeatRate> fit_repeat_rates(const HistoryView& history, double shrinkage);

/// What one customer's purchases of one item say of the next.
struct Replenishment {
  double per_day = 0;      ///< mean of the rate
  double probability = 0;  ///< of a purchase within the horizon
  double due_in_days = 0;  ///< mean time until the next purchase
};

/// The purchases of one item by one customer, ascending in time, against the item's distribution:
///     k = sum over purchases but the first of 2^(-(as_of - t) / half_life),   e = the days since the first, each day
///     weighing as a purchase on it would: half_life / ln 2 * (1 - 2^(-(as_of - t_first) / half_life))
///     per_day = (k + shape) / (e + rate),   probability = 1 - exp(-per_day * horizon),   due_in_days = 1 / per_day
/// The Poisson-gamma model of Bhagat et al. 2018 ("Buy it again: modeling repeat purchase recommendations"), but
/// current: old purchases and old silence fade alike.
Replenishment replenishment(std::span<const Micros> purchases, Micros as_of, const RepeatRate& item,
                            const ReplenishParams& params);

/// The source "replenish": what the customer has bought, by the probability that he buys it again within the horizon.
/// Empty lists without times, and where nothing was bought twice.
/// popularity  [items], breaks ties
std::unique_ptr<Source> fit_replenish(const HistoryView& history, std::vector<std::int64_t> popularity,
                                      const ReplenishParams& params = {});

}  // namespace nextbest
