#include "models/item_item/item_item.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/core/philox.hpp"
#include "kernels/math/fixed_point.hpp"

namespace nextbest {
namespace {

constexpr std::uint64_t kSeed = 0x6974'656d, kStream = 1;

std::uint64_t hash(Code customer, Code item) {
  const PhiloxBlock block =
      philox(kSeed + static_cast<std::uint64_t>(customer), kStream, static_cast<std::uint64_t>(item));
  return std::uint64_t{block.word[0]} << 32 | block.word[1];
}

// The newest `most` distinct items of a customer, ascending.
std::vector<Code> newest_items(const HistoryView& history, Code customer, std::size_t most) {
  std::vector<Code> kept;
  for (Offset b = history.customer_offset[customer + 1];
       b-- > history.customer_offset[customer] && kept.size() < most;) {
    std::vector<Code> fresh;
    for (const Code item : history.basket(b))
      if (!std::binary_search(kept.begin(), kept.end(), item)) fresh.push_back(item);
    if (kept.size() + fresh.size() > most) {
      std::sort(fresh.begin(), fresh.end(),
                [&](Code x, Code y) { return std::pair(hash(customer, x), x) < std::pair(hash(customer, y), y); });
      fresh.resize(most - kept.size());
    }
    kept.insert(kept.end(), fresh.begin(), fresh.end());
    std::sort(kept.begin(), kept.end());
  }
  return kept;
}

}  // namespace

PairUnitsData customer_units(const HistoryView& history, double user_exponent, int max_history_lines) {
  PairUnitsData units;
  units.baskets.cols = history.items;
  for (Code c = 0; c < static_cast<Code>(history.customers()); ++c) {
    const std::vector<Code> items = newest_items(history, c, static_cast<std::size_t>(max_history_lines));
    if (items.empty()) continue;
    units.baskets.indices.insert(units.baskets.indices.end(), items.begin(), items.end());
    units.baskets.indptr.push_back(static_cast<Offset>(units.baskets.indices.size()));
    units.weights.push_back(to_fixed(std::pow(static_cast<double>(items.size()), -user_exponent)));
  }
  return units;
}

std::unique_ptr<Source> fit_item_item(Context& ctx, const HistoryView& history, std::vector<std::int64_t> popularity,
                                      const ItemItemParams& params) {
  const auto worth = [&](const PairCounts& n) {
    return std::pow(n.both, params.sharpness) * std::pow(n.a, -params.anchor_exponent) *
           std::pow(n.b, -params.target_exponent);
  };
  Csr<float> neighbours = nearest_items(ctx, customer_units(history, params.user_exponent, params.max_history_lines),
                                        {Measure::kCosine, params.neighbours, params.min_customers}, worth);
  return make_neighbour_source("item_item", std::move(neighbours), std::move(popularity), params.anchors);
}

}  // namespace nextbest
