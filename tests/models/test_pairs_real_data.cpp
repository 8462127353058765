#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include <gtest/gtest.h>

#include "models/pairs/pair_table.hpp"
#include "tests/reference/pairs.hpp"
#include "tests/support/pair_case.hpp"
#include "tests/support/real_baskets.hpp"

namespace nextbest::test {
namespace {

class PairsOfRealData : public testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("NEXTBEST_TEST_DATA");
    if (!folder) GTEST_SKIP() << "NEXTBEST_TEST_DATA names no folder of real data";
    folder_ = std::string(folder) + "/";
  }
  std::string folder_;
};

PairsParams plain_counts(Measure measure, int k, std::int64_t min_orders) {
  PairsParams params;
  params.half_life_days = 0;
  params.max_basket_lines = std::numeric_limits<int>::max();
  params.measure = measure;
  params.top_per_item = k;
  params.min_orders = min_orders;
  return params;
}

PairTable table_of(const RealBaskets& baskets, const PairsParams& params, int threads) {
  Context ctx{Device::kCpu, threads, {}, {}};
  return count_pairs(ctx, order_units(baskets.history.view(), params), params);
}

void expect_same(const PairTable& x, const PairTable& y, const char* what) {
  EXPECT_TRUE(x.offset == y.offset && x.item == y.item && x.score == y.score && x.count == y.count &&
              x.weight == y.weight && x.customers == y.customers && x.expected == y.expected &&
              x.item_count == y.item_count && x.units == y.units)
      << what;
}

/// Orders with both, by a sort of all pairs of all orders: a key per pair, a < b, as often as it occurs.
std::vector<std::uint64_t> sorted_pairs(const RealBaskets& baskets) {
  std::vector<std::uint64_t> keys;
  for (const auto& order : baskets.orders)
    for (std::size_t i = 0; i < order.items.size(); ++i)
      for (std::size_t j = i + 1; j < order.items.size(); ++j)
        keys.push_back(static_cast<std::uint64_t>(order.items[i]) << 32 | static_cast<std::uint64_t>(order.items[j]));
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::int64_t occurrences(const std::vector<std::uint64_t>& keys, Code a, Code b) {
  const auto [first, last] =
      std::equal_range(keys.begin(), keys.end(),
                       static_cast<std::uint64_t>(std::min(a, b)) << 32 | static_cast<std::uint64_t>(std::max(a, b)));
  return last - first;
}

std::vector<std::int64_t> orders_with(const RealBaskets& baskets) {
  std::vector<std::int64_t> n(baskets.item_id.size());
  for (const auto& order : baskets.orders)
    for (const Code a : order.items) ++n[a];
  return n;
}

/// The rank key of a written row must descend: score, then orders with b, then code ascending.
void expect_ranked(const PairTable& table, Code a) {
  for (Offset i = table.offset[a] + 1; i < table.offset[a + 1]; ++i) {
    const auto key = [&](Offset p) {
      return std::tuple(-table.score[p], -table.item_count[table.item[p]], table.item[p]);
    };
    ASSERT_LT(key(i - 1), key(i)) << "row " << a;
  }
}

TEST_F(PairsOfRealData, GroceriesEveryPairEveryMeasure) {
  const auto lines = read_two_columns(folder_ + "groceries/baskets_long.csv.gz");
  ASSERT_EQ(lines.size(), 43'367u);
  const RealBaskets baskets(lines, 0);
  ASSERT_EQ(baskets.orders.size(), 9'835u);
  const auto keys = sorted_pairs(baskets);
  const std::set<std::uint64_t> distinct(keys.begin(), keys.end());
  const auto n = orders_with(baskets);
  for (const auto& [measure, name] : all_measures()) {
    if (measure == Measure::kShrunkLift) continue;  // needs chance; see Chance below
    const PairTable table = table_of(baskets, plain_counts(measure, 200, 1), 2);
    EXPECT_EQ(table.units, 9'835);
    EXPECT_EQ(table.item_count, n);
    Offset positive = 0;
    for (const std::uint64_t key : distinct)
      positive += 2 * (occurrences(keys, static_cast<Code>(key >> 32), static_cast<Code>(key & 0xffffffff)) * 9'835 >
                       n[key >> 32] * n[key & 0xffffffff]);
    EXPECT_EQ(table.offset.back(), measure == Measure::kLlr ? positive : static_cast<Offset>(2 * distinct.size()));
    for (Code a = 0; a < table.rows(); ++a) {
      expect_ranked(table, a);
      for (Offset i = table.offset[a]; i < table.offset[a + 1]; ++i) {
        const Code b = table.item[i];
        ASSERT_EQ(table.count[i], occurrences(keys, a, b));
        const double wanted = reference::measure(name, static_cast<double>(table.count[i]), static_cast<double>(n[a]),
                                                 static_cast<double>(n[b]), 9'835, 0, 0);
        ASSERT_TRUE(score_agrees(table.score[i], wanted, measure, 9'835))
            << table.score[i] << " is not " << wanted << ", " << name << " of " << a << ", " << b;
      }
    }
  }
}

// The rules that the package arules prints for its data set Groceries.
TEST_F(PairsOfRealData, GroceriesPublishedRule) {
  auto lines = read_two_columns(folder_ + "groceries/baskets_long.csv.gz");
  GzipLines names(folder_ + "groceries/baskets_long.csv.gz");
  std::string line, milk, vegetables;
  while (names.next(line)) {
    const auto field = csv_fields(line);
    if (field[2] == "whole milk") milk = field[1];
    if (field[2] == "other vegetables") vegetables = field[1];
  }
  const RealBaskets baskets(lines, 0);
  const auto code = [&](const std::string& id) {
    return std::find(baskets.item_id.begin(), baskets.item_id.end(), id) - baskets.item_id.begin();
  };
  const PairTable table = table_of(baskets, plain_counts(Measure::kLift, 200, 1), 1);
  const auto begin = table.item.begin() + table.offset[code(vegetables)];
  const auto end = table.item.begin() + table.offset[code(vegetables) + 1];
  const auto at = std::find(begin, end, static_cast<Code>(code(milk)));
  ASSERT_NE(at, end);
  const auto pair = at - table.item.begin();
  EXPECT_EQ(table.count[pair], 736);
  EXPECT_NEAR(static_cast<double>(table.count[pair]) / 9'835, 0.07483477, 5e-9);
  EXPECT_NEAR(static_cast<double>(table.count[pair]) / static_cast<double>(table.item_count[code(vegetables)]),
              0.3867578, 5e-8);
  EXPECT_NEAR(table.score[pair], 1.5136341, 5e-8 + 1e-7);
}

TEST_F(PairsOfRealData, GroceriesChance) {
  const RealBaskets baskets(read_two_columns(folder_ + "groceries/baskets_long.csv.gz"), 0);
  const PairTable table = table_of(baskets, plain_counts(Measure::kShrunkLift, 200, 1), 1);
  const auto n = orders_with(baskets);
  for (Code a = 0; a < table.rows(); a += 3) {
    std::map<std::size_t, std::int64_t> sizes;
    for (const auto& order : baskets.orders)
      if (std::binary_search(order.items.begin(), order.items.end(), a)) ++sizes[order.items.size()];
    for (Offset i = table.offset[a]; i < table.offset[a + 1]; ++i) {
      double chance = 0;
      for (const auto& [size, orders] : sizes)
        chance += static_cast<double>(orders) *
                  (1 - std::pow(1 - static_cast<double>(n[table.item[i]]) / 43'367.0, static_cast<double>(size) - 1));
      ASSERT_NEAR(table.expected[i], chance, 1e-11 * (1 + chance));
      const double wanted = (static_cast<double>(table.count[i]) + 5) / (chance + 5);
      ASSERT_TRUE(score_agrees(table.score[i], wanted, Measure::kShrunkLift, 9'835));
    }
  }
}

TEST_F(PairsOfRealData, InstacartCountsShuffledAndThreaded) {
  const auto lines = read_two_columns(folder_ + "instacart_baskets/order_products__train.csv.gz");
  ASSERT_EQ(lines.size(), 1'384'617u);
  const RealBaskets baskets(lines, 0);
  ASSERT_EQ(baskets.orders.size(), 131'209u);
  ASSERT_EQ(baskets.item_id.size(), 39'123u);
  const PairsParams params = plain_counts(Measure::kLlr, 200, 3);
  const PairTable table = table_of(baskets, params, 1);
  expect_same(table_of(baskets, params, 2), table, "two threads");
  expect_same(table_of(RealBaskets(lines, 99), params, 2), table, "shuffled lines");

  const auto keys = sorted_pairs(baskets);
  const auto n = orders_with(baskets);
  EXPECT_EQ(table.item_count, n);
  std::vector<Offset> eligible(n.size());
  for (auto first = keys.begin(), last = first; first != keys.end(); first = last) {
    last = std::upper_bound(first, keys.end(), *first);
    const auto a = *first >> 32, b = *first & 0xffffffff;
    if (last - first < 3 || (last - first) * 131'209 <= n[a] * n[b]) continue;
    ++eligible[a];
    ++eligible[b];
  }
  for (Code a = 0; a < table.rows(); ++a) {
    ASSERT_EQ(table.offset[a + 1] - table.offset[a], std::min<Offset>(200, eligible[a])) << "row " << a;
    expect_ranked(table, a);
    for (Offset i = table.offset[a]; i < table.offset[a + 1]; ++i) {
      ASSERT_EQ(table.count[i], occurrences(keys, a, table.item[i]));
      const double wanted = reference::measure("llr", static_cast<double>(table.count[i]), static_cast<double>(n[a]),
                                               static_cast<double>(n[table.item[i]]), 131'209, 0, 0);
      ASSERT_TRUE(score_agrees(table.score[i], wanted, Measure::kLlr, 131'209)) << table.score[i] << " " << wanted;
    }
  }
}

struct SlowCount {
  std::int64_t orders = 0, weight = 0;
  std::set<std::string> customers;
};

using Order = RealBaskets::Order;

std::int64_t weight_of(const Order& order, Micros as_of, double half_life_days) {
  const double days = static_cast<double>(as_of - order.time) / 86'400e6;
  return std::llround(std::pow(2.0, -days / half_life_days) * 1'048'576);
}

/// Every 97th row of the table against a count of its own, which asks `partners(order)` for the items b.
void expect_rows(const PairTable& table, const RealBaskets& baskets, double half_life_days,
                 const std::function<std::vector<Code>(const Order&)>& partners) {
  Offset compared = 0;
  for (Code a = 11; a < table.rows(); a += 97) {
    std::unordered_map<Code, SlowCount> row;
    std::int64_t n_target = 0;
    for (const Order& order : baskets.orders) {
      if (!std::binary_search(order.items.begin(), order.items.end(), a)) continue;
      const std::vector<Code> right = partners(order);
      n_target += !right.empty();
      for (const Code b : right) {
        SlowCount& n = row[b];
        n.orders += 1;
        n.weight += weight_of(order, baskets.history.as_of, half_life_days);
        if (!order.customer.empty()) n.customers.insert(order.customer);
      }
    }
    EXPECT_EQ(table.item_count[a], n_target);
    expect_ranked(table, a);
    for (Offset i = table.offset[a]; i < table.offset[a + 1]; ++i, ++compared) {
      const SlowCount& n = row[table.item[i]];
      ASSERT_EQ(table.count[i], n.orders);
      ASSERT_EQ(table.weight[i], n.weight);
      ASSERT_EQ(table.customers[i], static_cast<std::int64_t>(n.customers.size()));
      ASSERT_GE(table.customers[i], 5);
    }
  }
  EXPECT_GT(compared, 300);
}

TEST_F(PairsOfRealData, OnlineRetailWeightsAndCustomers) {
  const auto lines = read_online_retail(folder_ + "online_retail/online_retail_2010_2011.csv.gz");
  const RealBaskets baskets(lines, 0);
  PairsParams params = plain_counts(Measure::kLlr, 100, 3);
  params.half_life_days = 180;
  params.min_customers_per_pair = 5;
  const PairTable table = table_of(baskets, params, 1);
  expect_same(table_of(RealBaskets(lines, 7), params, 2), table, "shuffled lines, two threads");
  ASSERT_GT(table.offset.back(), 50'000);
  std::int64_t all_weight = 0;
  for (const Order& order : baskets.orders) all_weight += weight_of(order, baskets.history.as_of, 180);
  EXPECT_EQ(table.units_weight, all_weight);
  expect_rows(table, baskets, 180, [](const Order& order) { return order.items; });
}

TEST_F(PairsOfRealData, OnlineRetailAfter) {
  const auto lines = read_online_retail(folder_ + "online_retail/online_retail_2010_2011.csv.gz");
  const RealBaskets baskets(lines, 0);
  PairsParams params = plain_counts(Measure::kShrunkLift, 100, 3);
  params.half_life_days = 90;
  params.window_days = 10;  // short enough that no customer buys more than a thousand lines in it
  params.max_basket_lines = 1'200;
  Context ctx{Device::kCpu, 2, {}, {}};
  const PairTable table = count_pairs(ctx, after_units(baskets.history.view(), params), params);
  std::map<std::string, std::vector<const Order*>> of_customer;
  for (const Order& order : baskets.orders)
    if (!order.customer.empty()) of_customer[order.customer].push_back(&order);
  expect_rows(table, baskets, 90, [&](const Order& order) {
    std::set<Code> later;
    if (!order.customer.empty())
      for (const Order* other : of_customer[order.customer])
        if (other->time > order.time && other->time - order.time <= 10 * kMicrosPerDay)
          later.insert(other->items.begin(), other->items.end());
    return std::vector<Code>(later.begin(), later.end());
  });
}

}  // namespace
}  // namespace nextbest::test
