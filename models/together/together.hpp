#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/core/context.hpp"
#include "models/history.hpp"
#include "models/neighbours/neighbours.hpp"
#include "models/source.hpp"

namespace nextbest {

/// The source "together" recommends from co-purchase in one order; what is published as pairs has thresholds of its
/// own. The defaults were chosen on validation windows of five data sets.
struct TogetherParams {
  int neighbours = 100;                ///< per item, by cosine
  std::int64_t min_orders = 2;         ///< orders with both; pairs seen once are noise in every data set tried
  int max_basket_lines = 100;          ///< larger orders are sampled; whole histories: kMaxHistoryLines
  AnchorParams anchors{60, 0.9, 200};  ///< recent purchases have the most say
};

/// Counts co-purchase in the orders of the history (each customer's whole history where there are no orders) and
/// offers what is bought together with what the customer bought, the recent purchases first; see neighbours.hpp.
std::unique_ptr<Source> fit_together(Context& ctx, const HistoryView& history, std::vector<std::int64_t> popularity,
                                     const TogetherParams& params = {});

}  // namespace nextbest
