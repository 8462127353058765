#include <cmath>
#include <map>

#include <gmock/gmock.h>

#include "models/popularity/popularity.hpp"
#include "models/ridge/ridge.hpp"
#include "tests/models/source_lists.hpp"
#include "tests/reference/regression.hpp"
#include "tests/support/histories.hpp"
#include "tests/support/random_csr.hpp"

namespace nextbest::test {
namespace {

using testing::IsEmpty;

constexpr Offset kRidgeItems = 20;
using RidgeCustomers = std::vector<std::vector<Basket>>;

RidgeCustomers random_ridge_customers(std::uint64_t seed, int customers) {
  std::mt19937_64 random(seed);
  RidgeCustomers all(customers);
  for (auto& baskets : all)
    for (Offset b = below(random, 6); b > 0; --b)
      if (const Csr<float> drawn = random_csr(random(), 1, kRidgeItems, 3); !drawn.indices.empty())
        baskets.push_back({static_cast<double>(baskets.size()), drawn.indices});
  return all;
}

std::unique_ptr<Source> ridge_of(const HistoryView& history, const RidgeParams& params, int threads = 1) {
  Context ctx{Device::kCpu, threads, {}, {}};
  return fit_ridge(ctx, history, item_orders(history), params);
}

/// The past that baskets [0, end) make, of length 1.
std::vector<double> ridge_past(const std::vector<Basket>& baskets, std::size_t end, double decay) {
  std::vector<double> past(kRidgeItems, 0.0);
  double squares = 0;
  for (std::size_t b = 0; b < end; ++b)
    for (const Code item : baskets[b].items) past[item] += std::pow(decay, static_cast<double>(end - 1 - b));
  for (const double value : past) squares += value * value;
  for (double& value : past) value /= squares > 0 ? std::sqrt(squares) : 1;
  return past;
}

/// B as the formula has it. targets  of each customer
reference::Dense ridge_weights(const RidgeCustomers& customers, const RidgeParams& params) {
  std::vector<std::vector<double>> past, next;
  for (const auto& baskets : customers) {
    for (std::size_t b = baskets.size(); b-- > 1 && b + static_cast<std::size_t>(params.targets) >= baskets.size();) {
      past.push_back(ridge_past(baskets, b, params.basket_decay));
      next.emplace_back(kRidgeItems, 0.0);
      for (const Code item : baskets[b].items) next.back()[item] = 1;
    }
  }
  const auto rows = static_cast<std::int64_t>(past.size());
  reference::Dense x(rows, kRidgeItems), y(rows, kRidgeItems);
  double squares = 0;
  for (std::int64_t r = 0; r < rows; ++r)
    for (Offset i = 0; i < kRidgeItems; ++i) {
      x(r, i) = past[r][i];
      y(r, i) = next[r][i];
      squares += x(r, i) * x(r, i);
    }
  return reference::ridge(x, y, std::vector<double>(kRidgeItems, params.ridge * squares / kRidgeItems));
}

TEST(Ridge, ScoresAreThoseOfTheFormula) {
  const RidgeCustomers customers = random_ridge_customers(5, 90);
  const TestHistory shop(kRidgeItems, customers, 10);
  for (const int targets : {1, 3}) {
    SCOPED_TRACE(targets);
    RidgeParams params;
    params.targets = targets;
    const reference::Dense wanted = ridge_weights(customers, params);
    const auto source = ridge_of(shop.view(), params);
    EXPECT_EQ(source->name(), "ridge");
    for (Code c = 0; c < 90; c += 7) {
      const std::vector<double> past = ridge_past(customers[c], customers[c].size(), params.basket_decay);
      const auto list = lists_of(*source, shop.view(), {c}, kRidgeItems)[0];
      EXPECT_EQ(list.empty(), customers[c].empty());
      for (const auto& [item, score] : list) {
        double sum = 0;
        for (Offset i = 0; i < kRidgeItems; ++i) sum += past[i] * wanted(i, item);
        // Float weights of 20 equations whose condition is below 10, a handful of summands.
        EXPECT_NEAR(score, sum, 1e-5) << "item " << item << " for customer " << c;
      }
    }
  }
}

TEST(Ridge, LearnsWhichItemsAreBoughtAgain) {
  // Everybody buys milk 0 again and 1 once only; 2 leads to 3.
  RidgeCustomers customers;
  for (int c = 0; c < 30; ++c) customers.push_back({{0, {0, 1}}, {1, {0}}});
  for (int c = 0; c < 30; ++c) customers.push_back({{0, {2}}, {1, {3}}});
  customers.push_back({{5, {0, 1, 2}}});
  const TestHistory shop(4, customers, 6);
  const auto list = lists_of(*ridge_of(shop.view(), {}), shop.view(), {60}, 4)[0];
  std::map<Code, float> score(list.begin(), list.end());
  EXPECT_GT(score[0], 0.01F);
  EXPECT_GT(score[3], 0.01F);
  EXPECT_LT(std::abs(score[1]), 1e-6F);
  EXPECT_LT(std::abs(score[2]), 1e-6F);
}

TEST(Ridge, OnlyWhatIsBoughtMostTakesPart) {
  RidgeParams params;
  params.items = 2;
  const TestHistory shop(4, {{{0, {0}}, {1, {0, 1, 3}}}, {{0, {1, 2}}, {1, {0}}}, {{0, {2}}}}, 3);
  for (const auto& list : lists_of(*ridge_of(shop.view(), params), shop.view(), {0, 1, 2}, 4))
    for (const auto& [item, score] : list) EXPECT_LT(item, 2) << "0 is in three baskets, 1 and 2 in two";
}

TEST(Ridge, TheSameForEveryNumberOfThreads) {
  const TestHistory shop(kRidgeItems, random_ridge_customers(9, 200), 10);
  RidgeParams params;
  params.kept = 5;
  EXPECT_EQ(lists_of(*ridge_of(shop.view(), params, 1), shop.view(), {0, 1, 2, 3, 9}, 9),
            lists_of(*ridge_of(shop.view(), params, 3), shop.view(), {0, 1, 2, 3, 9}, 9, {}, 2));
}

TEST(Ridge, WithoutASecondBasketThereIsNothingToLearn) {
  const TestHistory ones(3, {{{0, {0, 1}}}, {{0, {1, 2}}}, {}}, 10), nobody(2, {}, 0, {{0, {0, 1}}});
  EXPECT_THAT(lists_of(*ridge_of(ones.view(), {}), ones.view(), {0, 1, 2}, 3)[0], IsEmpty());
  EXPECT_THAT(lists_of(*ridge_of(nobody.view(), {}), nobody.view(), {}, 2), IsEmpty());
}

}  // namespace
}  // namespace nextbest::test
