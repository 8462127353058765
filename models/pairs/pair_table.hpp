#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "kernels/ops/pair_index.hpp"
#include "kernels/ops/pair_top_k.hpp"
#include "models/history.hpp"
#include "models/pairs/params.hpp"

namespace nextbest {

/// The units in which pairs are counted, made from a history. Units without items are left out.
struct PairUnitsData {
  Csr<float> baskets;
  std::vector<std::int64_t> weights;     ///< empty when every unit counts 1
  std::vector<Code> customers;           ///< kNoCode: nobody's; empty when the history has no customers
  std::int64_t sampled_units = 0;        ///< units larger than their cap
  std::int64_t dropped_lines = 0;        ///< lines those lost
  std::optional<Csr<float>> partners{};  ///< of cross pairs

  PairUnits view() const {
    return {baskets.view(), weights, customers, partners ? partners->view() : CsrView<float>{}};
  }
};

/// Whole histories as units are cut to this many lines, orders to PairsParams::max_basket_lines.
inline constexpr int kMaxHistoryLines = 1000;

/// Order units: one per basket. Customer-window units: what one customer bought in one of the windows of `window_days`
/// that end at as_of, (as_of - (j + 1) W, as_of - j W]; all of it without times; dated by the last basket in it;
/// nobody's baskets are left out.
/// Larger units keep the lines with the smallest Philox hash of (basket, item), where the basket's hash is the sum of
/// its items' hashes: deterministic, and the same wherever the basket stands. Baskets that are whole histories (no
/// times, one per customer) have the cap of histories.
/// Weight = 2^(-(as_of - t) / half_life) * (1, 1 / (|B| - 1), 1 / log2(1 + |B|)) with |B| >= 2 the lines kept, in
/// fixed point; no weights where both factors are 1.
PairUnitsData order_units(const HistoryView& history, const PairsParams& params);
PairUnitsData customer_window_units(const HistoryView& history, const PairsParams& params);

/// Units of directed pairs, "a, then b": one per basket of a customer that is followed by others of the same customer,
/// later by more than nothing and at most window_days. Partners: the distinct items of those baskets, nearest first, as
/// whole baskets until kMaxHistoryLines lines. So N counts baskets with a that b followed, n_target baskets with a that
/// anything followed, n_item baskets that b followed, U baskets that anything followed.
/// Baskets are cut as order units are. Weight = 2^(-(as_of - t) / half_life) * (1, 1 / m, 1 / log2(2 + m)) with t the
/// time of the first basket and m the number of partners. No units without times or customers.
PairUnitsData after_units(const HistoryView& history, const PairsParams& params);

/// The pairs that are kept, row by row, of all items or of neighbouring ones: pairs of target first + r lie in
/// [offset[r], offset[r + 1]), in rank order.
struct PairTable {
  Offset first = 0;
  std::vector<Offset> offset;  ///< [rows + 1]
  std::vector<Code> item;      ///< [pairs]
  std::vector<float> score;
  std::vector<std::int64_t> count;      ///< n_orders_both
  std::vector<std::int64_t> weight;     ///< fixed point 2^-20; empty when units are not weighted
  std::vector<std::int64_t> customers;  ///< n_customers_both; empty where there are no customers
  std::vector<double> expected;
  std::vector<std::int64_t> item_count;      ///< [items] n_target; n_item too where pairs are symmetric
  std::vector<std::int64_t> item_weight;     ///< [items] fixed point 2^-20, count << 20 when units are not weighted
  std::vector<std::int64_t> partner_count;   ///< [items] n_item of cross pairs; empty for symmetric ones
  std::vector<std::int64_t> partner_weight;  ///< [items] fixed point 2^-20, like item_weight
  std::int64_t units = 0;                    ///< n_orders
  std::int64_t units_weight = 0;             ///< fixed point 2^-20

  Offset rows() const { return static_cast<Offset>(offset.size()) - 1; }
  bool weighted() const { return !weight.empty(); }
  const std::vector<std::int64_t>& n_item() const { return partner_count.empty() ? item_count : partner_count; }
  const std::vector<std::int64_t>& w_item() const { return partner_weight.empty() ? item_weight : partner_weight; }
};

/// Memory for the lists of one tile of items, padded to top_per_item: 64 MiB, or 1/64 of what all items together would
/// take where that is more, since each tile costs a pass over the items.
std::int64_t usual_tile_bytes(Offset items, const PairsParams& params);

/// Counts, measures and cuts by tiles of items; see kernels/ops/pair_top_k.hpp for what is computed. Calls take() with
/// the rows of every tile, in ascending order; the totals are those of all units, and the rows do not depend on
/// tile_bytes. min_customers_per_pair is not asked where there are no customers. When ctx.cancelled says yes, the rest
/// of the tiles is left out.
void count_pairs(Context& ctx, const PairIndex& index, const PairsParams& params, std::int64_t tile_bytes,
                 const std::function<void(const PairTable& rows)>& take);

/// The same in one table; when ctx.cancelled says yes, the rows of the remaining items are empty.
PairTable count_pairs(Context& ctx, const PairUnitsData& units, const PairsParams& params);

}  // namespace nextbest
