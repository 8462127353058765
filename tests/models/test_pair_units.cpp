#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "kernels/math/fixed_point.hpp"
#include "models/pairs/pair_table.hpp"
#include "tests/support/history_case.hpp"

namespace nextbest::test {
namespace {

std::vector<std::vector<Code>> rows_of(const Csr<float>& csr) {
  std::vector<std::vector<Code>> out;
  for (Offset u = 0; u < csr.view().rows(); ++u) {
    const auto row = csr.view().row(u);
    out.emplace_back(row.begin(), row.end());
  }
  return out;
}
std::vector<std::vector<Code>> baskets_of(const PairUnitsData& units) {
  return rows_of(units.baskets);
}

/// Two customers and one basket of nobody's; as_of is day 1000.
HistoryCase small_history() {
  HistoryCase history;
  history.items = 6;
  history.as_of = 1000 * kMicrosPerDay;
  history.add({0, 1}, 200);
  history.add({2, 3}, 100);
  history.add({1, 3}, 89);
  history.add({3, 4}, 0);
  history.close_customer();
  history.add({0, 5}, 90);
  history.close_customer();
  history.add({1, 2, 3}, 10);
  return history;
}

PairsParams unweighted() {
  PairsParams params;
  params.half_life_days = 0;
  return params;
}

using Baskets = std::vector<std::vector<Code>>;

TEST(OrderUnits, OnePerBasketWithItsCustomer) {
  const HistoryCase history = small_history();
  const PairUnitsData units = order_units(history.view(), unweighted());
  EXPECT_EQ(baskets_of(units), (Baskets{{0, 1}, {2, 3}, {1, 3}, {3, 4}, {0, 5}, {1, 2, 3}}));
  EXPECT_EQ(units.customers, (std::vector<Code>{0, 0, 0, 0, 1, kNoCode}));
  EXPECT_EQ(units.baskets.cols, 6);
  EXPECT_TRUE(units.weights.empty());
  EXPECT_EQ(units.sampled_units, 0);
}

TEST(OrderUnits, WithoutCustomersNobodyIsCounted) {
  HistoryCase history;
  history.items = 3;
  history.add({0, 1});
  history.add({});
  history.add({2});
  const PairUnitsData units = order_units(history.view(), PairsParams{});
  EXPECT_EQ(baskets_of(units), (Baskets{{0, 1}, {2}}));  // a basket without lines is no unit
  EXPECT_TRUE(units.customers.empty());
  EXPECT_TRUE(units.weights.empty());  // a half-life without times is none
  EXPECT_EQ(customer_window_units(history.view(), PairsParams{}).baskets.view().rows(), 0);
}

TEST(CustomerWindowUnits, WindowsEndAtAsOf) {
  const HistoryCase history = small_history();
  const PairUnitsData units = customer_window_units(history.view(), unweighted());  // W = 90
  // Customer 0: days 200 | 100 | 89 and 0. Customer 1: day 90, just outside the last window.
  EXPECT_EQ(baskets_of(units), (Baskets{{0, 1}, {2, 3}, {1, 3, 4}, {0, 5}}));
  EXPECT_EQ(units.customers, (std::vector<Code>{0, 0, 0, 1}));
}

TEST(CustomerWindowUnits, WhatIsLaterThanAsOfBelongsToTheLastWindow) {
  HistoryCase history;
  history.items = 3;
  history.as_of = 100 * kMicrosPerDay;
  history.add({0}, 5);
  history.add({1}, -1);
  history.add({2}, -200);
  history.close_customer();
  EXPECT_EQ(baskets_of(customer_window_units(history.view(), unweighted())), (Baskets{{0, 1, 2}}));
}

TEST(CustomerWindowUnits, WithoutTimesOnePerCustomer) {
  HistoryCase history = small_history();
  history.time.clear();
  history.as_of = kNoTime;
  const PairUnitsData units = customer_window_units(history.view(), PairsParams{});
  EXPECT_EQ(baskets_of(units), (Baskets{{0, 1, 2, 3, 4}, {0, 5}}));
  EXPECT_TRUE(units.weights.empty());
}

TEST(CustomerWindowUnits, AreDatedByTheirLastBasket) {
  PairsParams params;
  params.half_life_days = 100;
  const PairUnitsData units = customer_window_units(small_history().view(), params);
  EXPECT_EQ(units.weights,
            (std::vector<std::int64_t>{to_fixed(0.25), to_fixed(0.5), kWeightOne, to_fixed(std::exp2(-0.9))}));
}

TEST(OrderUnits, WeightsByAgeAndSize) {
  PairsParams params;
  params.half_life_days = 100;
  const HistoryCase history = small_history();
  EXPECT_EQ(order_units(history.view(), params).weights[1], kWeightOne / 2);
  params.basket_weight = BasketWeight::kInverse;
  std::vector<std::int64_t> weights = order_units(history.view(), params).weights;
  EXPECT_EQ(weights[0], kWeightOne / 4);  // 200 days, a basket of two counts whole
  EXPECT_EQ(weights[5], to_fixed(std::exp2(-0.1) / 2));
  params.basket_weight = BasketWeight::kInverseLog;
  params.half_life_days = 0;
  weights = order_units(history.view(), params).weights;
  EXPECT_EQ(weights[0], to_fixed(1 / std::log2(3.0)));
  EXPECT_EQ(weights[5], kWeightOne / 2);
}

TEST(OrderUnits, ABasketOfOneCountsLikeOneOfTwo) {
  HistoryCase history;
  history.items = 2;
  history.add({0});
  history.add({0, 1});
  PairsParams params;
  params.basket_weight = BasketWeight::kInverseLog;
  const PairUnitsData units = order_units(history.view(), params);
  EXPECT_EQ(units.weights[0], units.weights[1]);
}

std::vector<Code> range(Code begin, Code end) {
  std::vector<Code> codes(end - begin);
  std::iota(codes.begin(), codes.end(), begin);
  return codes;
}

TEST(OrderUnits, LargeBasketsAreSampledTheSameWhereverTheyStand) {
  PairsParams params = unweighted();
  params.max_basket_lines = 20;
  HistoryCase first, second;
  first.items = second.items = 300;
  first.add(range(0, 100));
  first.add(range(100, 300));
  first.add(range(0, 20));
  second.add(range(0, 20));
  second.add(range(100, 300));
  second.add({5});
  second.add(range(0, 100));
  const PairUnitsData a = order_units(first.view(), params), b = order_units(second.view(), params);
  EXPECT_EQ(a.sampled_units, 2);
  EXPECT_EQ(a.dropped_lines, 80 + 180);
  EXPECT_EQ(baskets_of(a)[0], baskets_of(b)[3]);
  EXPECT_EQ(baskets_of(a)[1], baskets_of(b)[1]);
  EXPECT_EQ(baskets_of(a)[2], range(0, 20));
  for (const auto& basket : baskets_of(a)) {
    EXPECT_EQ(basket.size(), 20u);
    EXPECT_TRUE(std::is_sorted(basket.begin(), basket.end()));
    EXPECT_EQ(std::set<Code>(basket.begin(), basket.end()).size(), 20u);
  }
  params.seed = 1;
  EXPECT_NE(baskets_of(order_units(first.view(), params))[0], baskets_of(a)[0]);
}

TEST(OrderUnits, SamplingPrefersNoItem) {
  PairsParams params = unweighted();
  params.max_basket_lines = 10;
  HistoryCase history;
  history.items = 1020;
  for (Code i = 0; i < 1000; ++i) {
    std::vector<Code> basket = range(0, 20);
    basket.push_back(20 + i);  // makes every basket another one
    history.add(basket);
  }
  std::vector<int> kept(20);
  for (const auto& basket : baskets_of(order_units(history.view(), params)))
    for (const Code item : basket)
      if (item < 20) ++kept[item];
  const double share = 10.0 / 21, spread = std::sqrt(1000 * share * (1 - share));
  for (const int n : kept) EXPECT_NEAR(n, 1000 * share, 5 * spread);
}

TEST(OrderUnits, HistoriesKeepAThousandLines) {
  HistoryCase history;
  history.items = 1500;
  history.add(range(0, 1500));
  history.close_customer();
  history.add(range(0, 900));
  history.close_customer();
  for (const PairUnitsData& units :
       {order_units(history.view(), unweighted()), customer_window_units(history.view(), unweighted())}) {
    EXPECT_EQ(units.baskets.view().row_size(0), kMaxHistoryLines);
    EXPECT_EQ(units.baskets.view().row_size(1), 900);
    EXPECT_EQ(units.dropped_lines, 500);
  }
}

TEST(AfterUnits, WhatFollowsWithinTheWindow) {
  HistoryCase history = small_history();
  // Customer 0 bought {0,1} {2,3} {1,3} {3,4} 200, 100, 89 and 0 days ago: gaps 100, 11, 89.
  PairUnitsData units = after_units(history.view(), unweighted());  // W = 90
  EXPECT_EQ(baskets_of(units), (Baskets{{2, 3}, {1, 3}}));
  EXPECT_EQ(rows_of(*units.partners), (Baskets{{1, 3}, {3, 4}}));
  EXPECT_EQ(units.customers, (std::vector<Code>{0, 0}));
  PairsParams params;
  params.half_life_days = 100;
  params.window_days = 100;
  params.basket_weight = BasketWeight::kInverse;
  units = after_units(history.view(), params);
  EXPECT_EQ(baskets_of(units), (Baskets{{0, 1}, {2, 3}, {1, 3}}));
  EXPECT_EQ(rows_of(*units.partners), (Baskets{{2, 3}, {1, 3, 4}, {3, 4}}));
  EXPECT_EQ(units.weights[0], kWeightOne / 8);  // 200 days, two partners
  EXPECT_EQ(units.weights[1], to_fixed(0.5 / 3));
}

TEST(AfterUnits, TheSameMomentIsNotAfter) {
  HistoryCase history;
  history.items = 4;
  history.as_of = 100 * kMicrosPerDay;
  history.add({0}, 30);
  history.add({1}, 30);
  history.add({2}, 30);
  history.add({3}, 20);
  history.close_customer();
  const PairUnitsData units = after_units(history.view(), unweighted());
  EXPECT_EQ(baskets_of(units), (Baskets{{0}, {1}, {2}}));
  EXPECT_EQ(rows_of(*units.partners), (Baskets{{3}, {3}, {3}}));
}

TEST(AfterUnits, NobodyAndNoTimesGiveNone) {
  HistoryCase history = small_history();
  history.time.clear();
  EXPECT_EQ(after_units(history.view(), unweighted()).baskets.view().rows(), 0);
  history = small_history();
  history.customer_offset.clear();
  EXPECT_EQ(after_units(history.view(), unweighted()).baskets.view().rows(), 0);
}

TEST(AfterUnits, StopsAtAThousandLines) {
  HistoryCase history;
  history.items = 3000;
  history.as_of = 100 * kMicrosPerDay;
  for (Code i = 0; i < 60; ++i) history.add(range(50 * i, 50 * i + 50), 60 - i);
  history.close_customer();
  const PairUnitsData units = after_units(history.view(), unweighted());
  ASSERT_EQ(units.partners->view().rows(), 59);
  const auto later = units.partners->view().row(0);
  EXPECT_EQ(std::vector<Code>(later.begin(), later.end()), range(50, 1050));  // the nearest twenty baskets
}

}  // namespace
}  // namespace nextbest::test
