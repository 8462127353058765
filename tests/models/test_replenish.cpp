#include <cmath>
#include <map>
#include <random>

#include <gmock/gmock.h>

#include "models/popularity/popularity.hpp"
#include "models/replenish/replenish.hpp"
#include "tests/models/source_lists.hpp"
#include "tests/support/histories.hpp"
#include "tests/support/random_csr.hpp"

namespace nextbest::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Offset kConsumables = 12;
constexpr double kToday = 200;
const std::vector<Code> kCategory{0, 0, 0, 0, 2, 2, 2, kNoCode, kNoCode, 1, 1, 1};

/// Customers buy some of the items now and then; item 3 nobody bought.
std::vector<std::vector<Basket>> random_customers() {
  std::mt19937_64 random(5);
  std::vector<std::vector<Basket>> customers(40);
  for (auto& baskets : customers)
    for (double day = static_cast<double>(below(random, 60)); day < kToday;
         day += static_cast<double>(below(random, 40))) {
      Basket basket{day, {}};
      for (Code item = 0; item < kConsumables; ++item)
        if (item != 3 && below(random, 3 + item) == 0) basket.items.push_back(item);
      if (!basket.items.empty()) baskets.push_back(basket);
    }
  return customers;
}

/// Shape and rate of item i, written down as the docstring has them.
std::pair<double, double> by_formula(const std::vector<std::vector<Basket>>& customers, Code wanted, double shrinkage) {
  using Sums = std::array<double, 5>;  // customers, x, E, x (x - 1), E^2
  std::map<Code, Sums> of_item;
  for (const auto& baskets : customers)
    for (Code item = 0; item < kConsumables; ++item) {
      std::vector<double> days;
      for (const Basket& basket : baskets)
        if (std::count(basket.items.begin(), basket.items.end(), item) > 0) days.push_back(basket.day);
      if (days.empty()) continue;
      const double x = static_cast<double>(days.size()) - 1, e = std::max(1.0, kToday - days[0]);
      const Sums one{1, x, e, x * (x - 1), e * e};
      for (int s = 0; s < 5; ++s) of_item[item][s] += one[s];
    }
  Sums all{}, category{}, own = of_item[wanted];
  for (const auto& [item, sums] : of_item)
    for (int s = 0; s < 5; ++s) {
      all[s] += sums[s];
      if (kCategory[item] == kCategory[wanted]) category[s] += sums[s];
    }
  for (int s = 1; s < 5; ++s) category[s] += shrinkage * all[s] / all[0];
  category[0] += shrinkage;
  const Sums& beside = kCategory[wanted] == kNoCode ? all : category;
  for (int s = 1; s < 5; ++s) own[s] += shrinkage * beside[s] / beside[0];
  const double mean = own[1] / own[2], variance = std::max(own[3] / own[4] - mean * mean, mean * mean / 20);
  return {mean * mean / variance, mean / variance};
}

HistoryView with_categories(const TestHistory& shop) {
  HistoryView view = shop.view();
  view.category = kCategory;
  return view;
}

TEST(Replenish, RatesAreThoseOfTheFormula) {
  const auto customers = random_customers();
  const TestHistory shop(kConsumables, customers, kToday);
  for (const double shrinkage : {0.5, 30.0}) {
    const auto rates = fit_repeat_rates(with_categories(shop), shrinkage);
    for (Code item = 0; item < kConsumables; ++item) {
      SCOPED_TRACE(testing::Message() << "item " << item << ", shrinkage " << shrinkage);
      const auto [shape, rate] = by_formula(customers, item, shrinkage);
      // Some hundred sums in double.
      EXPECT_NEAR(rates[item].shape, shape, 1e-9 * shape);
      EXPECT_NEAR(rates[item].rate, rate, 1e-9 * rate);
    }
  }
}

TEST(Replenish, ProbabilityAndDueDateByHand) {
  const std::vector<Micros> purchases{TestHistory::micros(0), TestHistory::micros(60), TestHistory::micros(120)};
  ReplenishParams params;
  params.half_life_days = 60;
  params.horizon_days = 10;
  const auto found = replenishment(purchases, TestHistory::micros(120), {0.5, 20}, params);
  // Two purchases after the first, one of them a half-life ago; two half-lives of days.
  const double per_day = (1 + 0.5 + 0.5) / (60 / std::log(2.0) * 0.75 + 20);
  EXPECT_NEAR(found.per_day, per_day, 1e-12);
  EXPECT_NEAR(found.probability, 1 - std::exp(-10 * per_day), 1e-12);
  EXPECT_NEAR(found.due_in_days, 1 / per_day, 1e-9);
  params.half_life_days = 0;
  EXPECT_NEAR(replenishment(purchases, TestHistory::micros(120), {0.5, 20}, params).per_day, 2.5 / 140, 1e-12);
}

TEST(Replenish, OffersWhatIsBoughtAgainBeforeWhatIsBoughtOnce) {
  // Milk 0 is bought every week by everybody, a pan 1 once. Customer 3 has bought each of them once, on one day.
  std::vector<std::vector<Basket>> customers(3);
  for (auto& baskets : customers)
    for (double day = 0; day < 70; day += 7)
      baskets.push_back({day, day == 7 ? std::vector<Code>{0, 1} : std::vector<Code>{0}});
  customers.push_back({{50, {0, 1}}});
  customers.push_back({});
  const TestHistory shop(3, customers, 70);
  const auto source = fit_replenish(shop.view(), item_orders(shop.view()), {.shrinkage = 1});
  EXPECT_EQ(source->name(), "replenish");
  const auto lists = lists_of(*source, shop.view(), {3, 4}, 3);
  EXPECT_THAT(items_of(lists[0]), ElementsAre(0, 1));
  EXPECT_GT(lists[0][0].second, 2 * lists[0][1].second);
  EXPECT_LT(lists[0][0].second, 1);
  EXPECT_THAT(lists[1], IsEmpty());
}

TEST(Replenish, NothingWithoutTimesOrRepeats) {
  const TestHistory shop(2, {{{0, {0, 1}}}, {{5, {1}}}}, 9);
  for (const HistoryView& view : {shop.view(), shop.view_without_times()})
    EXPECT_THAT(lists_of(*fit_replenish(view, item_orders(view)), view, {0, 1}, 2), testing::Each(IsEmpty()));
}

}  // namespace
}  // namespace nextbest::test
