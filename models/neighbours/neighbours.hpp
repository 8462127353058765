#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "kernels/math/association.hpp"
#include "models/history.hpp"
#include "models/neighbours/params.hpp"
#include "models/pairs/pair_table.hpp"
#include "models/source.hpp"

namespace nextbest {

struct NeighbourParams {
  Measure measure = Measure::kCosine;  ///< chooses the neighbours
  int k = 100;                         ///< neighbours per item
  std::int64_t min_support = 1;        ///< units with both, at least
};

/// What a neighbour is worth, from the weighted units with both (`both`, `units`) and the plain units with each.
using NeighbourWorth = std::function<double(const PairCounts&)>;

/// The k nearest items of every item by co-purchase, [items, items], rows in rank order of the measure; values are
/// worth(counts), or the measure where `worth` is empty. Worked off in tiles of rows: besides the result, memory is
/// bounded by the tile.
Csr<float> nearest_items(Context& ctx, const PairUnitsData& units, const NeighbourParams& params,
                         const NeighbourWorth& worth = {});

/// The distinct items of a customer's history, ascending, with the weight of their newest purchase:
///     2^(-(as_of - t) / half_life) * basket_decay^(baskets of the customer after it)
/// Time says how current a purchase is for a customer who buys rarely, the number of baskets for one who buys often.
std::vector<std::pair<Code, float>> anchors_of(const HistoryView& history, Code customer, const AnchorParams& params);

/// A source that offers the neighbours of what a customer has:
///     score(c, b) = sum over anchors a of c of weight(a) * neighbours(a, b)
/// neighbours  [items, items], as nearest_items() makes them
/// popularity  [items], breaks ties
std::unique_ptr<Source> make_neighbour_source(std::string name, Csr<float> neighbours,
                                              std::vector<std::int64_t> popularity, const AnchorParams& anchors);

}  // namespace nextbest
