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

const TestHistory kHabits(4,
                          {
                              {{0, {0, 1, 2}}, {90, {2}}, {100, {3}}},
                              {{80, {1}}},
                              {},
                              {{0, {0}}, {0, {0}}, {0, {0}}, {100, {3}}},
                          },
                          100);

// What `purchases` weighed ones of an item come to.
float worth(float purchases, Code item) {
  return purchases + static_cast<float>(kRepeatPrior) * repeat_rates(kHabits.view())[item];
}

TEST(Habit, PlainCountsWithTiesByPopularity) {
  const auto source = make_habit_source(kHabits.view(), item_orders(kHabits.view()), {0});
  EXPECT_EQ(source->name(), "habit");
  const auto lists = lists_of(*source, kHabits.view(), {0, 1, 2}, 4);
  // Orders with the items: 4 2 2 2; items 1 and 3 were never bought again, so that they are equal.
  EXPECT_THAT(lists[0],
              ElementsAre(Pair(2, worth(2, 2)), Pair(0, worth(1, 0)), Pair(1, worth(1, 1)), Pair(3, worth(1, 1))));
  EXPECT_THAT(lists[1], ElementsAre(Pair(1, worth(1, 1)))) << "only the customer's own items";
  EXPECT_THAT(lists[2], IsEmpty());
}

TEST(Habit, HalfLifeForgets) {
  const auto source = make_habit_source(kHabits.view(), item_orders(kHabits.view()), {25});
  const auto lists = lists_of(*source, kHabits.view(), {0, 3}, 4);
  const float old = 0.0625f, at_90 = std::exp2(-10.0f / 25);
  EXPECT_THAT(lists[0], ElementsAre(Pair(2, worth(old + at_90, 2)), Pair(3, worth(1, 3)), Pair(0, worth(old, 0)),
                                    Pair(1, worth(old, 1))));
  EXPECT_THAT(lists[1], ElementsAre(Pair(3, worth(1, 3)), Pair(0, worth(3 * old, 0))))
      << "three old purchases weigh less than a new one";
}

TEST(Habit, WithoutTimesNothingIsForgotten) {
  const auto source = make_habit_source(kHabits.view_without_times(), item_orders(kHabits.view_without_times()), {50});
  EXPECT_THAT(lists_of(*source, kHabits.view_without_times(), {3}, 4)[0],
              ElementsAre(Pair(0, worth(3, 0)), Pair(3, worth(1, 3))));
}

TEST(Habit, OfThingsBoughtOnceThatComesFirstWhichPeopleBuyAgain) {
  // Seven pairs of buyer and item, of which two were bought again: item 2 by its only buyer, item 0 by one of its two.
  const double mean = 2.0 / 7;
  EXPECT_THAT(repeat_rates(kHabits.view()), ElementsAre(testing::FloatEq(static_cast<float>((1 + 5 * mean) / 7)),
                                                        testing::FloatEq(static_cast<float>(5 * mean / 7)),
                                                        testing::FloatEq(static_cast<float>((1 + 5 * mean) / 6)),
                                                        testing::FloatEq(static_cast<float>(5 * mean / 7))));
  const TestHistory once(3, {{{0, {0, 1}}}, {{1, {1, 2}}}}, 2);
  EXPECT_THAT(repeat_rates(once.view()), ElementsAre(1, 1, 1));
}

TEST(Habit, OwnedItemsLeaveNothing) {
  const auto source = make_habit_source(kHabits.view(), item_orders(kHabits.view()));
  const Csr<float> owned{4, {0, 1}, {1}, {}};
  EXPECT_THAT(lists_of(*source, kHabits.view(), {1}, 4, {owned.view(), {}, {}, {}})[0], IsEmpty());
}

TEST(Habit, ThreadsDoNotChangeTheLists) {
  std::vector<std::vector<Basket>> customers;
  for (int c = 0; c < 300; ++c) customers.push_back({{0, {c % 7, 7 + c % 5}}, {1.0 + c % 3, {c % 7}}});
  const TestHistory shop(12, customers, 10);
  const auto source = make_habit_source(shop.view(), item_orders(shop.view()), {5});
  std::vector<Code> everybody(300);
  for (int c = 0; c < 300; ++c) everybody[c] = c;
  EXPECT_EQ(lists_of(*source, shop.view(), everybody, 3, {}, 1), lists_of(*source, shop.view(), everybody, 3, {}, 4));
}

}  // namespace
}  // namespace nextbest::test
