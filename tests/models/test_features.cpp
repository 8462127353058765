#include <cmath>
#include <map>
#include <string>

#include <gmock/gmock.h>

#include "models/blend/features.hpp"
#include "models/habit/habit.hpp"
#include "models/popularity/popularity.hpp"
#include "models/replenish/replenish.hpp"
#include "tests/models/source_lists.hpp"
#include "tests/support/histories.hpp"

namespace nextbest::test {
namespace {

using testing::FloatNear;
using testing::HasSubstr;

// Of items 0 to 3 in category 0, 4 and 5 in category 1, and 6 without one.
const std::vector<Code> kFeatureCategory{0, 0, 0, 0, 1, 1, kNoCode};
const std::vector<float> kFeaturePrice{1, 2, 4, 0, 8, 8, 1};
// Customer 0 stopped on day 10, customer 1 on day 20.
const TestHistory kFeatureShop(7, {{{0, {0, 4}}, {5, {0, 1}}, {10, {0}}}, {{0, {2, 5}}, {20, {4, 6}}}, {}}, 30);

HistoryView shop_with_catalogue() {
  HistoryView history = kFeatureShop.view();
  history.category = kFeatureCategory;
  history.price = kFeaturePrice;
  return history;
}

/// The features of one candidate, by name.
std::map<std::string, float> features_of(const HistoryView& history, Code customer, Code item) {
  const BlendFeatures features({"habit"}, history);
  CandidatePool pool;
  pool.sources = 1;
  pool.offset = {0, 1};
  pool.item = {item};
  pool.score = pool.raw = pool.place = {1};
  std::vector<float> x(features.size());
  const std::vector<Offset> chosen{0};
  features.fill(history, customer, pool, chosen, x);
  std::map<std::string, float> named;
  for (std::size_t f = 0; f < x.size(); ++f) named[features.names()[f]] = x[f];
  EXPECT_EQ(named.size(), x.size()) << "names differ";
  return named;
}

TEST(Features, TheCustomerInTheCandidatesCategory) {
  // Customer 0 has five lines, four of them of category 0, three of those item 0, the newest on day 10.
  auto x = features_of(shop_with_catalogue(), 0, 1);
  EXPECT_FLOAT_EQ(x["category.share"], 0.8F);
  EXPECT_FLOAT_EQ(x["category.idle"], std::log1p(20.0F));
  EXPECT_FLOAT_EQ(x["category.items"], std::log1p(2.0F));
  EXPECT_FLOAT_EQ(x["category.usual"], 0.25F) << "one line of four";
  EXPECT_FLOAT_EQ(x["category.lead"], 0.2F) << "one line of everybody's five";
  // Nine lines in all, five of them of category 0.
  EXPECT_THAT(x["category.lift"], FloatNear(std::log((4 + 5 * 5.0F / 9) / 10 / (5.0F / 9)), 1e-5F));
  EXPECT_FLOAT_EQ(features_of(shop_with_catalogue(), 0, 0)["category.usual"], 0.75F);
  EXPECT_FLOAT_EQ(features_of(shop_with_catalogue(), 0, 2)["category.usual"], 0);
}

TEST(Features, WithoutACategoryOrAHistoryThereIsNothingToSay) {
  auto x = features_of(shop_with_catalogue(), 1, 6);
  for (const char* name : {"category.share", "category.lift", "category.items", "category.usual", "category.lead"})
    EXPECT_EQ(x[name], 0) << name;
  EXPECT_FLOAT_EQ(x["category.idle"], std::log1p(10'000.0F));
  auto nobody = features_of(shop_with_catalogue(), 2, 0);
  EXPECT_EQ(nobody["category.share"], 0);
  EXPECT_NEAR(nobody["category.lift"], 0, 1e-6) << "like everybody, as far as one knows";
  const BlendFeatures without({"habit"}, kFeatureShop.view());
  for (const std::string& name : without.names()) {
    EXPECT_THAT(name, testing::Not(HasSubstr("category.")));
    EXPECT_THAT(name, testing::Not(HasSubstr("price.")));
  }
}

TEST(Features, WhatTheCandidateCostsAndWhatTheCustomerPays) {
  // Customer 0 paid 1 three times, 2 and 8 once each: the median is 1. Of category 0 the mean of the logs is log 2.
  auto x = features_of(shop_with_catalogue(), 0, 2);
  const auto coarse = [](double value, double step) { return static_cast<float>(std::round(value / step) * step); };
  EXPECT_FLOAT_EQ(x["price.level"], coarse(std::log(4.0), 0.25));
  EXPECT_FLOAT_EQ(x["price.relation"], coarse(std::log(4.0), 0.25));
  EXPECT_FLOAT_EQ(x["price.rank"], coarse(std::log(2.0), 0.125));
  const float mean = (3 * coarse(-std::log(2.0), 0.125) + 0 + 0) / 5;  // 1 is the mean of its kind, as is 4
  EXPECT_FLOAT_EQ(x["price.taste"], coarse(std::log(2.0), 0.125) - mean);
  EXPECT_EQ(features_of(shop_with_catalogue(), 0, 3)["price.taste"], 0) << "has no price";
}

TEST(OwnClocks, EverybodyIsReadAtHisNewestBasket) {
  HistoryView history = kFeatureShop.view();
  EXPECT_EQ(history.read_at(0), TestHistory::micros(30));
  EXPECT_FLOAT_EQ(features_of(history, 0, 4)["own.idle"], std::log1p(30.0F));
  history.own_clocks = true;
  EXPECT_EQ(history.read_at(0), TestHistory::micros(10));
  EXPECT_EQ(history.read_at(1), TestHistory::micros(20));
  EXPECT_EQ(history.read_at(2), TestHistory::micros(30)) << "who has no basket";
  EXPECT_FLOAT_EQ(features_of(history, 0, 4)["own.idle"], std::log1p(10.0F));
  EXPECT_EQ(features_of(history, 0, 4)["customer.idle"], 0);
  HistoryView timeless = kFeatureShop.view_without_times();
  timeless.own_clocks = true;
  EXPECT_EQ(timeless.read_at(0), kNoTime);
}

TEST(OwnClocks, MoveTheSourcesThatLookAtTheTime) {
  HistoryView history = kFeatureShop.view();
  const auto score = [&](const Source& source) {
    const List list = lists_of(source, history, {0}, 7)[0];
    for (const auto& [item, value] : list)
      if (item == 4) return value;
    return 0.0F;
  };
  const auto habit = make_habit_source(history, item_orders(history), {10});
  const auto replenish = fit_replenish(history, item_orders(history), {});
  const float habit_then = score(*habit), replenish_then = score(*replenish);
  history.own_clocks = true;
  EXPECT_NEAR(score(*habit) - habit_then, 0.5 - 0.125, 1e-6) << "ten days old instead of thirty";
  EXPECT_GT(score(*replenish), replenish_then);
}

}  // namespace
}  // namespace nextbest::test
