#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/habit/params.hpp"
#include "models/source.hpp"

namespace nextbest {

/// The source "habit", personal frequency: what the customer buys again.
///     score(c, i) = sum over the customer's baskets with i of 2^(-(as_of - t) / half_life_days)
/// Offers only items of the customer's own history; ties by popularity. half_life_days = 0, or data without times:
/// the plain number of baskets with the item.
/// popularity  [items]
std::unique_ptr<Source> make_habit_source(std::vector<std::int64_t> popularity, const HabitParams& params = {});

}  // namespace nextbest
