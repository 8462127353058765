#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "models/pairs/pair_table.hpp"
#include "tests/support/pair_case.hpp"

namespace nextbest::test {
namespace {

PairUnitsData units_of(const PairCase& made) {
  PairUnitsData units{made.baskets, made.weights, made.customers, 0, 0};
  if (made.units().cross()) units.partners = made.partners;
  return units;
}

void expect_same(const PairTable& x, const PairTable& y) {
  EXPECT_EQ(x.offset, y.offset);
  EXPECT_EQ(x.item, y.item);
  EXPECT_EQ(x.score, y.score);
  EXPECT_EQ(x.count, y.count);
  EXPECT_EQ(x.weight, y.weight);
  EXPECT_EQ(x.customers, y.customers);
  EXPECT_EQ(x.expected, y.expected);
}

TEST(CountPairs, EqualsTheOperationWithoutPadding) {
  for (const bool weighted : {false, true})
    for (const bool with_customers : {false, true}) {
      PairCase made = random_case(5, 400, 67, weighted, with_customers);
      if (weighted == with_customers) made.partners = random_csr(8, 400, 67, 5);
      Context ctx;
      PairsParams params;
      params.top_per_item = 9;
      params.min_orders = 2;
      params.min_customers_per_pair = 2;
      const PairTable table = count_pairs(ctx, units_of(made), params);
      const PairRun run(ctx, made);
      const OwnedPairLists out = run.lists(ctx, {.k = 9, .min_support = 2, .min_customers = 2, .end = 67});
      EXPECT_EQ(table.item_count, run.index->totals.count);
      EXPECT_EQ(table.item_weight, run.index->totals.weight);
      EXPECT_EQ(table.n_item(), made.units().cross() ? run.index->totals.partner_count : run.index->totals.count);
      EXPECT_EQ(table.w_item(), made.units().cross() ? run.index->totals.partner_weight : run.index->totals.weight);
      EXPECT_EQ(table.units, run.index->totals.units);
      EXPECT_EQ(table.units_weight, run.index->totals.units_weight);
      EXPECT_EQ(table.weighted(), weighted);
      ASSERT_EQ(table.rows(), 67);
      ASSERT_EQ(table.weight.size(), weighted ? table.item.size() : 0);
      ASSERT_EQ(table.customers.size(), with_customers ? table.item.size() : 0);
      Offset pairs = 0;
      for (Offset a = 0; a < 67; ++a)
        for (Offset i = 0; i < 9 && out.item[a * out.stride + i] != kNoCode; ++i, ++pairs) {
          const Offset at = a * out.stride + i;
          ASSERT_LT(pairs, table.offset[a + 1]);
          ASSERT_EQ(table.item[pairs], out.item[at]);
          ASSERT_EQ(table.score[pairs], out.score[at]);
          ASSERT_EQ(table.count[pairs], out.count[at]);
          ASSERT_EQ(table.expected[pairs], out.expected[at]);
          if (weighted) {
            ASSERT_EQ(table.weight[pairs], out.weight[at]);
          }
          if (with_customers) {
            ASSERT_EQ(table.customers[pairs], out.customers[at]);
          }
        }
      EXPECT_EQ(pairs, table.offset.back());
      EXPECT_GT(pairs, 100);
    }
}

TEST(CountPairs, ManyTilesAndThreadsGiveOneTable) {
  // 9,973 items with lists of up to 9,972: 400 kB padded per row, so some sixty tiles.
  const PairCase made = random_case(6, 3000, 9973, true, true);
  PairsParams params;
  params.top_per_item = std::numeric_limits<int>::max();
  params.min_orders = 1;
  params.min_customers_per_pair = 0;
  params.measure = Measure::kCosine;
  Context ctx;
  std::int64_t last = 0, all = 1;
  ctx.progress = [&](std::int64_t done, std::int64_t of) {
    EXPECT_GE(done, last);
    last = done, all = of;
  };
  const PairTable table = count_pairs(ctx, units_of(made), params);
  EXPECT_EQ(last, all);
  std::set<std::pair<int, int>> pairs;
  for (const auto& basket : made.input().baskets)
    for (const int a : basket)
      for (const int b : basket)
        if (a != b) pairs.emplace(a, b);
  EXPECT_EQ(table.offset.back(), static_cast<Offset>(pairs.size()));
  for (const int threads : {2, 5}) {
    Context more{Device::kCpu, threads, {}, {}};
    expect_same(count_pairs(more, units_of(made), params), table);
  }
}

TEST(CountPairs, NoItemsNoUnits) {
  Context ctx;
  const PairTable none = count_pairs(ctx, {}, PairsParams{});
  EXPECT_EQ(none.offset, std::vector<Offset>{0});
  EXPECT_EQ(none.units, 0);
  const PairTable empty = count_pairs(ctx, units_of(make_case({}, 4)), PairsParams{});
  EXPECT_EQ(empty.offset, (std::vector<Offset>{0, 0, 0, 0, 0}));
  EXPECT_EQ(empty.item_count, (std::vector<std::int64_t>{0, 0, 0, 0}));
}

TEST(CountPairs, CancelledLeavesRowsEmpty) {
  Context ctx;
  ctx.cancelled = [] { return true; };
  const PairTable table = count_pairs(ctx, units_of(random_case(7, 50, 20, false, false)), PairsParams{});
  EXPECT_EQ(table.rows(), 20);
  EXPECT_EQ(table.offset.back(), 0);
}

TEST(CountPairs, TilesOfAnySizeGiveTheSameRows) {
  const PairUnitsData units = units_of(random_case(11, 300, 41, true, true));
  Context ctx;
  PairsParams params;
  params.top_per_item = 7;
  params.min_orders = 1;
  params.min_customers_per_pair = 1;
  const PairTable whole = count_pairs(ctx, units, params);
  const auto index = index_pairs(ctx, units.view());
  for (const std::int64_t bytes : {1, 3'000, 1'000'000}) {
    Offset next = 0, pairs = 0;
    int tiles = 0;
    count_pairs(ctx, *index, params, bytes, [&](const PairTable& rows) {
      ASSERT_EQ(rows.first, next);
      next += rows.rows();
      ++tiles;
      EXPECT_EQ(rows.units_weight, whole.units_weight);
      EXPECT_EQ(rows.item_count, whole.item_count);
      for (Offset r = 0; r < rows.rows(); ++r) EXPECT_EQ(rows.offset[r] + pairs, whole.offset[rows.first + r]);
      for (std::size_t p = 0; p < rows.item.size(); ++p) {
        ASSERT_EQ(rows.item[p], whole.item[pairs + static_cast<Offset>(p)]);
        ASSERT_EQ(rows.score[p], whole.score[pairs + static_cast<Offset>(p)]);
        ASSERT_EQ(rows.weight[p], whole.weight[pairs + static_cast<Offset>(p)]);
        ASSERT_EQ(rows.customers[p], whole.customers[pairs + static_cast<Offset>(p)]);
      }
      pairs += rows.offset.back();
    });
    EXPECT_EQ(next, 41);
    EXPECT_EQ(pairs, whole.offset.back());
    EXPECT_EQ(tiles, bytes == 1 ? 41 : bytes == 3'000 ? 5 : 1) << bytes;
  }
}

}  // namespace
}  // namespace nextbest::test
