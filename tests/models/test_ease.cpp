#include <algorithm>
#include <cmath>
#include <map>

#include <gmock/gmock.h>

#include "models/ease/ease.hpp"
#include "models/item_item/item_item.hpp"
#include "models/popularity/popularity.hpp"
#include "tests/models/source_lists.hpp"
#include "tests/reference/regression.hpp"
#include "tests/support/histories.hpp"
#include "tests/support/random_csr.hpp"

namespace nextbest::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Offset kItems = 24;

/// Customers with one basket each.
TestHistory random_shop() {
  const Csr<float> baskets = random_csr(17, 120, kItems, 4);
  std::vector<std::vector<Basket>> customers;
  for (Offset c = 0; c < 120; ++c) {
    const auto row = baskets.view().row(c);
    customers.push_back({});
    if (!row.empty()) customers.back().push_back({0, {row.begin(), row.end()}});
  }
  return TestHistory(kItems, customers);
}

std::unique_ptr<Source> fit(const HistoryView& history, const EaseParams& params, int threads = 1) {
  Context ctx{Device::kCpu, threads, {}, {}};
  return fit_ease(ctx, history, item_orders(history), params);
}

/// The scores of what customer c may be offered, as the formula has them. nearest  each item on those that anybody has
/// together with it, instead of all
std::map<Code, double> scores_by_formula(const TestHistory& shop, Code c, const EaseParams& params, bool nearest) {
  const HistoryView history = shop.view();
  reference::Dense gramian(kItems, kItems);
  std::vector<double> buyers(kItems, 0), penalty;
  double mean = 0;
  for (Code u = 0; u < static_cast<Code>(history.customers()); ++u) {
    if (history.customer_offset[u] == history.customer_offset[u + 1]) continue;
    const auto items = history.basket(history.customer_offset[u]);
    const double weight = std::pow(static_cast<double>(items.size()), -params.user_exponent);
    for (const Code a : items) {
      ++buyers[a];
      for (const Code b : items) gramian(a, b) += weight;
    }
  }
  const auto sold = std::count_if(buyers.begin(), buyers.end(), [](double n) { return n > 0; });
  for (int i = 0; i < kItems; ++i) mean += gramian(i, i) / static_cast<double>(sold);
  for (int i = 0; i < kItems; ++i)
    penalty.push_back(params.ridge * mean + params.dropout / (1 - params.dropout) * gramian(i, i));
  const auto own = history.basket(history.customer_offset[c]);
  std::map<Code, double> scores;
  for (Code j = 0; j < kItems; ++j) {
    if (buyers[j] == 0 || std::find(own.begin(), own.end(), j) != own.end()) continue;
    std::vector<std::int64_t> others;
    for (Code i = 0; i < kItems; ++i)
      if (i != j && (!nearest || gramian(i, j) > 0)) others.push_back(i);
    const std::vector<double> weight = reference::regression(gramian, penalty, others, j);
    for (std::size_t p = 0; p < others.size(); ++p)
      if (std::find(own.begin(), own.end(), others[p]) != own.end())
        scores[j] += weight[p] * std::pow(buyers[j], -params.target_exponent);
  }
  return scores;
}

TEST(Ease, ScoresAreThoseOfTheFormula) {
  const TestHistory shop = random_shop();
  for (const int dense_items : {1000, 0}) {
    SCOPED_TRACE(dense_items);
    EaseParams params;
    params.dense_items = dense_items;
    params.target_exponent = 0.2;
    params.min_customers = 1;
    params.anchors = {};
    const auto source = fit(shop.view(), params);
    for (Code c = 0; c < 120; c += 10) {
      if (shop.view().customer_offset[c] == shop.view().customer_offset[c + 1]) continue;
      const auto own = shop.view().basket(shop.view().customer_offset[c]);
      const Csr<float> owned{kItems, {0, static_cast<Offset>(own.size())}, {own.begin(), own.end()}, {}};
      const auto wanted = scores_by_formula(shop, c, params, dense_items == 0);
      const auto list = lists_of(*source, shop.view(), {c}, kItems, {owned.view(), {}, {}, {}})[0];
      // Weights of 2^-20, a float solution of 24 equations whose condition is below 50, sums of a few anchors. What
      // nothing speaks for is not offered.
      std::map<Code, double> offered(list.begin(), list.end());
      for (const auto& [item, score] : wanted) EXPECT_NEAR(offered[item], score, 1e-4) << "item " << item;
      EXPECT_LE(offered.size(), wanted.size()) << "nothing but these";
    }
  }
}

TEST(Ease, TheSameForEveryNumberOfThreads) {
  const TestHistory shop = random_shop();
  for (const int dense_items : {1000, 0}) {
    EaseParams params;
    params.dense_items = dense_items;
    EXPECT_EQ(lists_of(*fit(shop.view(), params, 1), shop.view(), {0, 1, 2, 3}, 9),
              lists_of(*fit(shop.view(), params, 3), shop.view(), {0, 1, 2, 3}, 9, {}, 2));
  }
}

TEST(Ease, OfTwoItemsThatSayTheSameEachCountsLess) {
  // 1 and 2 are always bought together, and 0 with them; 3 goes with 4 as often. Alone, 1 speaks for 0 with less than 3
  // for 4, because 2 shares the credit; co-purchase would make no difference.
  std::vector<std::vector<Basket>> customers(8, {{0, {0, 1, 2}}});
  customers.insert(customers.end(), 8, {{0, {3, 4}}});
  customers.push_back({{0, {1, 3}}});
  const TestHistory shop(5, customers);
  EaseParams params;
  params.user_exponent = 0;
  params.ridge = 1;
  params.dropout = 0.3;
  const auto list = lists_of(*fit(shop.view(), params), shop.view(), {16}, 5)[0];
  std::map<Code, float> score(list.begin(), list.end());
  EXPECT_GT(score[4], 1.2F * score[0]);
}

TEST(Ease, ItemsOfOneCustomerAreLeftOut) {
  const TestHistory shop(4, {{{0, {0, 1}}}, {{0, {0, 1}}}, {{0, {0, 3}}}, {{0, {3}}}, {}});
  for (const int dense_items : {1000, 0}) {
    EaseParams params;
    params.dense_items = dense_items;
    params.min_customers = dense_items > 0 ? 3 : 2;
    const auto lists = lists_of(*fit(shop.view(), params), shop.view(), {0, 4}, 4);
    EXPECT_EQ(items_of(lists[0]).empty(), dense_items > 0) << "only 0 has three customers";
    EXPECT_THAT(lists[1], IsEmpty());
  }
  const TestHistory nobody(2, {}, 0, {{0, {0, 1}}});
  EXPECT_THAT(lists_of(*fit(nobody.view(), {}), nobody.view(), {}, 2), IsEmpty());
}

TEST(ItemItem, Rp3BetaIsOneOfItsSettings) {
  const TestHistory shop = random_shop();
  const HistoryView history = shop.view();
  constexpr double kAlpha = 0.7, kBeta = 0.4;
  ItemItemParams params;
  params.user_exponent = params.anchor_exponent = kAlpha;
  params.target_exponent = kBeta;
  params.sharpness = 1;
  params.min_customers = 1;
  params.anchors = {};
  Context ctx;
  const auto source = fit_item_item(ctx, history, item_orders(history), params);
  const std::vector<std::int64_t> buyers = item_orders(history);
  Code c = 0;  // one who has something
  while (history.customer_offset[c] == history.customer_offset[c + 1] ||
         history.basket(history.customer_offset[c]).size() < 3)
    ++c;
  const auto lists = lists_of(*source, history, {c}, kItems);
  ASSERT_GT(lists[0].size(), 5u);
  for (const auto& [b, score] : lists[0]) {
    double wanted = 0;  // a walk from item to customer to item
    for (const Code a : history.basket(history.customer_offset[c]))
      for (Offset u = 0; u < history.baskets(); ++u) {
        const auto basket = history.basket(u);
        const auto has = [&](Code i) { return std::find(basket.begin(), basket.end(), i) != basket.end(); };
        if (a != b && has(a) && has(b))
          wanted += std::pow(1.0 / static_cast<double>(buyers[a]), kAlpha) *
                    std::pow(1.0 / static_cast<double>(basket.size()), kAlpha) /
                    std::pow(static_cast<double>(buyers[b]), kBeta);
      }
    EXPECT_NEAR(score, wanted, 1e-5) << "item " << b;
  }
}

}  // namespace
}  // namespace nextbest::test
