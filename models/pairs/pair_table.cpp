#include "models/pairs/pair_table.hpp"

#include <algorithm>
#include <memory>

namespace nextbest {
namespace {

// Each tile costs a pass over the items, so there are never more than kMostTiles of them.
constexpr std::int64_t kTileBytes = std::int64_t{64} << 20;
constexpr Offset kMostTiles = 64;

Offset rows_per_tile(Offset items, std::int64_t bytes_per_row) {
  const Offset least = (items + kMostTiles - 1) / kMostTiles;
  return std::clamp<Offset>(kTileBytes / bytes_per_row, least, std::max(least, items));
}

/// Padded lists of one tile of rows.
struct Tile {
  Tile(Offset rows_, int k_)
      : rows(rows_),
        k(k_),
        item(rows_ * k_),
        score(rows_ * k_),
        count(rows_ * k_),
        weight(rows_ * k_),
        customers(rows_ * k_),
        expected(rows_ * k_) {}

  static Offset bytes_per_row(int k) {
    return k * static_cast<Offset>(sizeof(Code) + sizeof(float) + 3 * sizeof(std::int64_t) + sizeof(double));
  }
  PairLists view(Offset n) {
    return {{item.data(), n, k},   {score.data(), n, k},     {count.data(), n, k},
            {weight.data(), n, k}, {customers.data(), n, k}, {expected.data(), n, k}};
  }

  Offset rows;
  int k;
  std::vector<Code> item;
  std::vector<float> score;
  std::vector<std::int64_t> count, weight, customers;
  std::vector<double> expected;
};

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from, Offset begin, Offset n) {
  to.insert(to.end(), from.begin() + begin, from.begin() + begin + n);
}

/// Appends the first n rows of the tile without their padding.
void append_rows(const Tile& tile, Offset n, bool weighted, bool with_customers, PairTable& table) {
  for (Offset r = 0; r < n; ++r) {
    const Offset at = r * tile.k;
    const auto row = tile.item.begin() + at;
    const Offset pairs = std::find(row, row + tile.k, kNoCode) - row;
    append(table.item, tile.item, at, pairs);
    append(table.score, tile.score, at, pairs);
    append(table.count, tile.count, at, pairs);
    if (weighted) append(table.weight, tile.weight, at, pairs);
    if (with_customers) append(table.customers, tile.customers, at, pairs);
    append(table.expected, tile.expected, at, pairs);
    table.offset.push_back(static_cast<Offset>(table.item.size()));
  }
}

/// The context of one tile, whose progress is part of the progress over all items.
Context tile_context(const Context& ctx, Offset begin, Offset end, Offset items) {
  Context tile = ctx;
  if (ctx.progress)
    tile.progress = [&ctx, begin, end, items](std::int64_t done, std::int64_t of) {
      const double share = of > 0 ? static_cast<double>(done) / static_cast<double>(of) : 1;
      ctx.progress(begin + static_cast<std::int64_t>(share * static_cast<double>(end - begin)), items);
    };
  return tile;
}

}  // namespace

PairTable count_pairs(Context& ctx, const PairUnitsData& units, const PairsParams& params) {
  const PairUnits view = units.view();
  const Offset items = view.baskets.cols;
  PairTable table;
  table.offset.assign(1, 0);
  const std::unique_ptr<const PairIndex> index = index_pairs(ctx, view);
  table.item_count = index->totals.count;
  table.item_weight = index->totals.weight;
  table.partner_count = index->totals.partner_count;
  table.partner_weight = index->totals.partner_weight;
  table.units = index->totals.units;
  table.units_weight = index->totals.units_weight;
  if (items == 0) return table;

  PairParams row_params;
  row_params.measure = params.measure;
  row_params.k = static_cast<int>(std::clamp<Offset>(items - 1, 1, params.top_per_item));
  row_params.min_support = params.min_orders;
  row_params.min_customers = params.min_customers_per_pair;
  Tile tile(rows_per_tile(items, Tile::bytes_per_row(row_params.k)), row_params.k);
  for (Offset begin = 0; begin < items; begin += tile.rows) {
    const Offset end = std::min(items, begin + tile.rows);
    row_params.begin = begin;
    row_params.end = end;
    Context tile_ctx = tile_context(ctx, begin, end, items);
    pair_top_k(tile_ctx, *index, row_params, tile.view(end - begin));
    if (ctx.cancelled && ctx.cancelled()) break;
    append_rows(tile, end - begin, !view.weights.empty(), !view.customers.empty(), table);
  }
  table.offset.resize(items + 1, table.offset.back());
  return table;
}

}  // namespace nextbest
