#include <cmath>

#include <gmock/gmock.h>

#include "models/popularity/popularity.hpp"
#include "models/together/together.hpp"
#include "tests/models/source_lists.hpp"
#include "tests/support/histories.hpp"

namespace nextbest::test {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::IsEmpty;
using testing::Pair;

// Coffee 0 with filters 1 in three orders, with mugs 2 in two, with 3 once. Customer 3 has coffee, customer 4 nothing.
const TestHistory kBaskets(5,
                           {
                               {{0, {0, 1, 2}}},
                               {{1, {0, 1, 2}}},
                               {{2, {0, 1, 3}}},
                               {{100, {0}}},
                               {},
                           },
                           100);

std::unique_ptr<Source> together_of(const HistoryView& history, const TogetherParams& params = {}) {
  Context ctx;
  return fit_together(ctx, history, item_orders(history), params);
}

TEST(Together, OffersWhatIsBoughtInTheSameOrder) {
  TogetherParams params;
  params.target_exponent = 0.5;
  const auto source = together_of(kBaskets.view(), params);
  EXPECT_EQ(source->name(), "together");
  const auto lists = lists_of(*source, kBaskets.view(), {3, 4}, 4);
  const auto cosine = [](double both, double a, double b) { return static_cast<float>(both / std::sqrt(a * b)); };
  EXPECT_THAT(lists[0], ElementsAre(Pair(1, FloatEq(cosine(3, 4, 3))), Pair(2, FloatEq(cosine(2, 4, 2)))))
      << "3 was seen only once";
  EXPECT_THAT(lists[1], IsEmpty());
}

TEST(Together, OtherOrdersCountByTheirDistance) {
  // 1 one order after 0, or before it; 2 two orders away.
  const std::vector<Basket> forth{{0, {0}}, {1, {1}}, {2, {2}}}, back{{0, {2}}, {1, {1}}, {2, {0}}};
  const TestHistory apart(3, {forth, back, {{2, {0}}}}, 2);
  TogetherParams params;
  params.anchor_exponent = params.target_exponent = 0;
  params.gap_decay = 0.5;
  EXPECT_THAT(lists_of(*together_of(apart.view(), params), apart.view(), {2}, 3)[0],
              ElementsAre(Pair(1, FloatEq(2 * 0.5F)), Pair(2, FloatEq(2 * 0.25F))));
  params.gap_decay = 0;
  EXPECT_THAT(lists_of(*together_of(apart.view(), params), apart.view(), {2}, 3)[0], IsEmpty());
}

TEST(Together, DaysAndAgesDecay) {
  // 0 on day 0, 1 on day 10, twice; as of day 20.
  const std::vector<Basket> once{{0, {0}}, {10, {1}}};
  const TestHistory shop(2, {once, once, {{20, {0}}}}, 20);
  TogetherParams params;
  params.anchor_exponent = params.target_exponent = 0;
  params.gap_decay = 1;
  params.gap_half_life_days = 10;
  params.half_life_days = 20;
  EXPECT_THAT(lists_of(*together_of(shop.view(), params), shop.view(), {2}, 3)[0],
              ElementsAre(Pair(1, FloatEq(2 * 0.5F * 0.5F))));
}

TEST(Together, WholeHistoriesAreUnitsWhereThereAreNoOrders) {
  // 120 items in each history: above the cap of orders, below that of histories.
  std::vector<Code> many;
  for (Code item = 0; item < 120; ++item) many.push_back(item);
  const TestHistory shop(120, {{{0, many}}, {{0, many}}, {{0, {7}}}});
  EXPECT_EQ(lists_of(*together_of(shop.view_without_times()), shop.view_without_times(), {2}, 200)[0].size(), 100u)
      << "the neighbours that are kept";
}

TEST(Together, OrdersOfNobodyCountEachForItself) {
  const TestHistory shop(3, {{{0, {0}}}}, 5, {{1, {0, 1}}, {2, {0, 1}}, {2, {2}}, {3, {0}}});
  const auto list = lists_of(*together_of(shop.view()), shop.view(), {0}, 3)[0];
  ASSERT_EQ(list.size(), 1u) << "2 was never with 0";
  EXPECT_EQ(list[0].first, 1);
}

}  // namespace
}  // namespace nextbest::test
