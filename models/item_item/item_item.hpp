#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/core/context.hpp"
#include "models/history.hpp"
#include "models/item_item/params.hpp"
#include "models/neighbours/neighbours.hpp"
#include "models/source.hpp"

namespace nextbest {

/// Every customer's distinct items as one unit with weight d_u^-user_exponent, d_u their number. Of a longer history
/// the newest max_history_lines items are kept, and of those in the basket that is cut the ones with the smallest
/// Philox hash.
PairUnitsData customer_units(const HistoryView& history, double user_exponent, int max_history_lines);

/// The source "item_item": co-purchase by one customer, however far apart,
///     worth(a, b) = (sum over customers u with a and b of d_u^-user)^sharpness * d_a^-anchor * d_b^-target
/// d_u = distinct items of u, d_a = customers with a. RP3beta (Paudel et al. 2017, "Updatable, accurate, diverse, and
/// scalable recommendations for interactive applications"), sum_u (1 / d_a)^alpha (1 / d_u)^alpha / d_b^beta, is the
/// case user = anchor = alpha, target = beta, sharpness = 1; here the exponents are free of one another.
std::unique_ptr<Source> fit_item_item(Context& ctx, const HistoryView& history, std::vector<std::int64_t> popularity,
                                      const ItemItemParams& params = {});

}  // namespace nextbest
