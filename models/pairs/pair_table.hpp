#pragma once

#include <functional>
#include <vector>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "models/history.hpp"
#include "models/pairs/params.hpp"

namespace nextbest {

/// The units in which pairs are counted, made from a history (see make_units).
struct PairUnitsData {
  Csr<float> baskets;
  std::vector<std::int64_t> weights;  ///< empty when every unit counts 1
  std::vector<Code> customers;        ///< empty when the history has no customers
  std::int64_t sampled_units = 0;     ///< units larger than max_basket_lines
  std::int64_t dropped_lines = 0;     ///< lines those lost
};

/// Order units (one per basket) or customer-window units (everything one customer bought in one of the windows of
/// `window_days` that end at as_of; all of it without times). Larger units keep the max_basket_lines lines with the
/// smallest Philox hash of (unit's place, item): deterministic. max_basket_lines applies to orders; histories as units
/// keep up to 1000. Weight = 2^(-(as_of - t) / half_life) * (1, 1 / (|B| - 1), 1 / log2(1 + |B|)), fixed point.
PairUnitsData order_units(const HistoryView& history, const PairsParams& params);
PairUnitsData customer_window_units(const HistoryView& history, const PairsParams& params);

/// The pairs that are kept, row by row: pairs of target a lie in [offset[a], offset[a + 1]), in rank order.
struct PairTable {
  std::vector<Offset> offset;             ///< [items + 1]
  std::vector<Code> item;                 ///< [pairs]
  std::vector<float> score;
  std::vector<std::int64_t> count;        ///< n_orders_both
  std::vector<std::int64_t> weight;       ///< fixed point; empty when units are not weighted
  std::vector<std::int64_t> customers;    ///< n_customers_both; empty where there are no customers
  std::vector<double> expected;
  std::vector<std::int64_t> item_count;   ///< [items] n_target / n_item
  std::vector<std::int64_t> item_weight;  ///< [items] fixed point
  std::int64_t units = 0;                 ///< n_orders
  std::int64_t units_weight = 0;
};

/// Counts, measures and cuts by tiles of items; see kernels/ops/pair_top_k.hpp for what is computed.
PairTable count_pairs(Context& ctx, const PairUnitsData& units, const PairsParams& params);

}  // namespace nextbest
