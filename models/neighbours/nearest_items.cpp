#include <algorithm>
#include <memory>

#include "kernels/math/fixed_point.hpp"
#include "kernels/ops/pair_top_k.hpp"
#include "models/neighbours/neighbours.hpp"

namespace nextbest {
namespace {

constexpr Offset kTilePlaces = Offset{1} << 20;  // 40 MiB of lists

struct Tile {
  Tile(Offset rows, Offset k_)
      : k(k_),
        item(rows * k),
        score(rows * k),
        count(rows * k),
        weight(rows * k),
        customers(rows * k),
        expected(rows * k) {}

  PairLists view(Offset rows) {
    return {{item.data(), rows, k},   {score.data(), rows, k},     {count.data(), rows, k},
            {weight.data(), rows, k}, {customers.data(), rows, k}, {expected.data(), rows, k}};
  }

  Offset k;
  std::vector<Code> item;
  std::vector<float> score;
  std::vector<std::int64_t> count, weight, customers;
  std::vector<double> expected;
};

// Appends the rows [begin, end) of items without their padding.
void append_rows(const Tile& tile, Offset begin, Offset end, const PairTotals& totals, const NeighbourWorth& worth,
                 Csr<float>& neighbours) {
  for (Offset a = begin; a < end; ++a) {
    for (Offset at = (a - begin) * tile.k; at < (a - begin + 1) * tile.k && tile.item[at] != kNoCode; ++at) {
      const Code b = tile.item[at];
      const PairCounts counts{from_fixed(tile.weight[at]), static_cast<double>(totals.count[a]),
                              static_cast<double>(totals.count[b]), from_fixed(totals.units_weight)};
      neighbours.indices.push_back(b);
      neighbours.values.push_back(worth ? static_cast<float>(worth(counts)) : tile.score[at]);
    }
    neighbours.indptr.push_back(static_cast<Offset>(neighbours.indices.size()));
  }
}

}  // namespace

Csr<float> nearest_items(Context& ctx, const PairUnitsData& units, const NeighbourParams& params,
                         const NeighbourWorth& worth) {
  const PairUnits view{units.baskets.view(), units.weights, {}};  // customers need not be counted
  const Offset items = view.baskets.cols;
  Csr<float> neighbours;
  neighbours.cols = items;
  if (items == 0) return neighbours;
  const std::unique_ptr<const PairIndex> index = index_pairs(ctx, view);

  PairParams row_params;
  row_params.measure = params.measure;
  row_params.k = static_cast<int>(std::clamp<Offset>(items - 1, 1, params.k));
  row_params.min_support = params.min_support;
  const Offset rows = std::clamp<Offset>(kTilePlaces / row_params.k, 1, items);
  Tile tile(rows, row_params.k);
  for (Offset begin = 0; begin < items; begin += rows) {
    row_params.begin = begin;
    row_params.end = std::min(items, begin + rows);
    pair_top_k(ctx, *index, row_params, tile.view(row_params.end - begin));
    if (ctx.cancelled && ctx.cancelled()) break;
    append_rows(tile, begin, row_params.end, index->totals, worth, neighbours);
  }
  neighbours.indptr.resize(items + 1, neighbours.indptr.back());
  return neighbours;
}

}  // namespace nextbest
