#include <gmock/gmock.h>

#include "models/habit/habit.hpp"
#include "models/popularity/popularity.hpp"
#include "tests/models/source_lists.hpp"
#include "tests/support/histories.hpp"

namespace nextbest::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const TestHistory kShop(4,
                        {
                            {{0, {0, 1, 2}}, {90, {2}}, {100, {3}}},
                            {{80, {1}}},
                            {},
                            {{0, {0}}, {0, {0}}, {0, {0}}, {100, {3}}},
                        },
                        100);

TEST(Habit, PlainCountsWithTiesByPopularity) {
  const auto source = make_habit_source(item_orders(kShop.view()), {0});
  EXPECT_EQ(source->name(), "habit");
  const auto lists = lists_of(*source, kShop.view(), {0, 1, 2}, 4);
  // Orders with the items: 4 2 2 2.
  EXPECT_THAT(lists[0], ElementsAre(Pair(2, 2.0f), Pair(0, 1.0f), Pair(1, 1.0f), Pair(3, 1.0f)));
  EXPECT_THAT(lists[1], ElementsAre(Pair(1, 1.0f))) << "only the customer's own items";
  EXPECT_THAT(lists[2], IsEmpty());
}

TEST(Habit, HalfLifeForgets) {
  const auto source = make_habit_source(item_orders(kShop.view()), {50});
  const auto lists = lists_of(*source, kShop.view(), {0, 3}, 4);
  const float at_90 = std::exp2(-10.0f / 50);
  EXPECT_THAT(lists[0], ElementsAre(Pair(2, 0.25f + at_90), Pair(3, 1.0f), Pair(0, 0.25f), Pair(1, 0.25f)));
  EXPECT_THAT(lists[1], ElementsAre(Pair(3, 1.0f), Pair(0, 0.75f))) << "three old purchases weigh less than a new one";
}

TEST(Habit, WithoutTimesNothingIsForgotten) {
  const auto source = make_habit_source(item_orders(kShop.view_without_times()), {50});
  EXPECT_THAT(lists_of(*source, kShop.view_without_times(), {3}, 4)[0], ElementsAre(Pair(0, 3.0f), Pair(3, 1.0f)));
}

TEST(Habit, OwnedItemsLeaveNothing) {
  const auto source = make_habit_source(item_orders(kShop.view()));
  const Csr<float> owned{4, {0, 1}, {1}, {}};
  EXPECT_THAT(lists_of(*source, kShop.view(), {1}, 4, {owned.view(), {}, {}, {}})[0], IsEmpty());
}

TEST(Habit, ThreadsDoNotChangeTheLists) {
  std::vector<std::vector<Basket>> customers;
  for (int c = 0; c < 300; ++c) customers.push_back({{0, {c % 7, 7 + c % 5}}, {1.0 + c % 3, {c % 7}}});
  const TestHistory shop(12, customers, 10);
  const auto source = make_habit_source(item_orders(shop.view()), {5});
  std::vector<Code> everybody(300);
  for (int c = 0; c < 300; ++c) everybody[c] = c;
  EXPECT_EQ(lists_of(*source, shop.view(), everybody, 3, {}, 1), lists_of(*source, shop.view(), everybody, 3, {}, 4));
}

}  // namespace
}  // namespace nextbest::test
