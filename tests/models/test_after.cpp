#include <gmock/gmock.h>

#include "models/after/after.hpp"
#include "models/popularity/popularity.hpp"
#include "tests/models/source_lists.hpp"
#include "tests/support/histories.hpp"

namespace nextbest::test {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::IsEmpty;
using testing::Pair;

AfterParams plain() {
  AfterParams params;
  params.gap_decay = 1;
  params.gap_half_life_days = params.half_life_days = 0;
  params.prior = params.target_exponent = 0;
  params.anchors = {0, 1, 100};
  return params;
}

std::unique_ptr<Source> after_of(const HistoryView& history, const AfterParams& params) {
  Context ctx;
  return fit_after(ctx, history, item_orders(history), params);
}

// Machine 0 then beans 1 a week later, twice; filters 2 with the machine; descaler 3 after 200 days.
const std::vector<Basket> kCoffee{{0, {0, 2}}, {7, {1}}, {200, {3}}};
const TestHistory kOrders(4, {kCoffee, kCoffee, {{210, {0}}}, {{210, {1}}}}, 220);

TEST(After, OffersWhatComesLaterWithinTheWindow) {
  const auto source = after_of(kOrders.view(), plain());
  EXPECT_EQ(source->name(), "after");
  const auto lists = lists_of(*source, kOrders.view(), {2, 3}, 4);
  EXPECT_THAT(lists[0], ElementsAre(Pair(1, 1.0F))) << "not what was bought with it, and not after 200 days";
  EXPECT_THAT(lists[1], IsEmpty()) << "the machine does not come after the beans";
}

TEST(After, TheWholeWindow) {
  AfterParams params = plain();
  params.window_days = 365;
  params.prior = 4;
  EXPECT_THAT(lists_of(*after_of(kOrders.view(), params), kOrders.view(), {2}, 4)[0],
              ElementsAre(Pair(1, FloatEq(2.0F / (4 + 4))), Pair(3, FloatEq(2.0F / (4 + 4)))));
  params.gap_decay = 0.5;
  EXPECT_THAT(lists_of(*after_of(kOrders.view(), params), kOrders.view(), {2}, 4)[0],
              ElementsAre(Pair(1, FloatEq(2.0F / (3 + 4))), Pair(3, FloatEq(1.0F / (3 + 4)))))
      << "one order lies between";
}

TEST(After, OneMomentIsTogetherNotAfter) {
  const std::vector<Basket> split{{5, {0}}, {5, {1}}};
  const TestHistory shop(2, {split, split, {{9, {0}}}}, 10);
  EXPECT_THAT(lists_of(*after_of(shop.view(), plain()), shop.view(), {2}, 2)[0], IsEmpty());
}

TEST(After, NothingWithoutTimes) {
  EXPECT_THAT(lists_of(*after_of(kOrders.view_without_times(), plain()), kOrders.view_without_times(), {2}, 4)[0],
              IsEmpty());
}

TEST(After, LongHistoriesCountWithTheirNewestOrders) {
  std::vector<Basket> many{{0, {0}}, {1, {1}}};
  for (int b = 0; b < 4; ++b) many.push_back({10.0 + b, {2, 3}});
  const TestHistory shop(4, {many, many, {{20, {0}}}, {{20, {2}}}}, 20);
  AfterParams params = plain();
  params.max_history_lines = 8;
  const auto lists = lists_of(*after_of(shop.view(), params), shop.view(), {2, 3}, 4);
  EXPECT_THAT(lists[0], IsEmpty()) << "0 and 1 lie before the newest eight lines";
  EXPECT_THAT(lists[1], ElementsAre(Pair(3, 1.0F)));
}

}  // namespace
}  // namespace nextbest::test
