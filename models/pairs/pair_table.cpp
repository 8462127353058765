#include "models/pairs/pair_table.hpp"

#include <algorithm>
#include <memory>

namespace nextbest {
namespace {

constexpr std::int64_t kTileBytes = std::int64_t{64} << 20;
constexpr Offset kMostTiles = 64;

int pairs_per_item(Offset items, const PairsParams& params) {
  return static_cast<int>(std::clamp<Offset>(items - 1, 1, params.top_per_item));
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

/// Puts the first n rows of the tile, without their padding, into the table.
void fill(const Tile& tile, Offset n, const PairIndex& index, PairTable& table) {
  table.offset.assign(1, 0);
  for (auto* column : {&table.count, &table.weight, &table.customers}) column->clear();
  table.item.clear();
  table.score.clear();
  table.expected.clear();
  for (Offset r = 0; r < n; ++r) {
    const Offset at = r * tile.k;
    const auto row = tile.item.begin() + at;
    const Offset pairs = std::find(row, row + tile.k, kNoCode) - row;
    append(table.item, tile.item, at, pairs);
    append(table.score, tile.score, at, pairs);
    append(table.count, tile.count, at, pairs);
    if (index.weighted) append(table.weight, tile.weight, at, pairs);
    if (index.with_customers) append(table.customers, tile.customers, at, pairs);
    append(table.expected, tile.expected, at, pairs);
    table.offset.push_back(static_cast<Offset>(table.item.size()));
  }
}

PairTable with_totals(const PairTotals& totals) {
  PairTable table;
  table.offset.assign(1, 0);
  table.item_count = totals.count;
  table.item_weight = totals.weight;
  table.partner_count = totals.partner_count;
  table.partner_weight = totals.partner_weight;
  table.units = totals.units;
  table.units_weight = totals.units_weight;
  return table;
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

std::int64_t usual_tile_bytes(Offset items, const PairsParams& params) {
  return std::max(kTileBytes, items * Tile::bytes_per_row(pairs_per_item(items, params)) / kMostTiles);
}

void count_pairs(Context& ctx, const PairIndex& index, const PairsParams& params, std::int64_t tile_bytes,
                 const std::function<void(const PairTable& rows)>& take) {
  const Offset items = index.items;
  if (items == 0) return;
  PairParams row_params;
  row_params.measure = params.measure;
  row_params.k = pairs_per_item(items, params);
  row_params.min_support = params.min_orders;
  row_params.min_customers = params.min_customers_per_pair;
  Tile tile(std::clamp<Offset>(tile_bytes / Tile::bytes_per_row(row_params.k), 1, items), row_params.k);
  PairTable table = with_totals(index.totals);
  for (Offset begin = 0; begin < items; begin += tile.rows) {
    const Offset end = std::min(items, begin + tile.rows);
    row_params.begin = begin;
    row_params.end = end;
    Context tile_ctx = tile_context(ctx, begin, end, items);
    pair_top_k(tile_ctx, index, row_params, tile.view(end - begin));
    if (ctx.cancelled && ctx.cancelled()) return;
    fill(tile, end - begin, index, table);
    table.first = begin;
    take(table);
  }
}

PairTable count_pairs(Context& ctx, const PairUnitsData& units, const PairsParams& params) {
  const std::unique_ptr<const PairIndex> index = index_pairs(ctx, units.view());
  PairTable all = with_totals(index->totals);
  count_pairs(ctx, *index, params, usual_tile_bytes(index->items, params), [&](const PairTable& rows) {
    const Offset before = all.offset.back();
    for (Offset r = 1; r <= rows.rows(); ++r) all.offset.push_back(before + rows.offset[r]);
    const auto more = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    more(all.item, rows.item);
    more(all.score, rows.score);
    more(all.count, rows.count);
    more(all.weight, rows.weight);
    more(all.customers, rows.customers);
    more(all.expected, rows.expected);
  });
  all.offset.resize(static_cast<std::size_t>(index->items) + 1, all.offset.back());
  return all;
}

}  // namespace nextbest
