#include <cmath>

#include <gmock/gmock.h>

#include "models/popularity/popularity.hpp"
#include "models/together/together.hpp"
#include "tests/models/source_lists.hpp"
#include "tests/support/histories.hpp"

namespace nextbest::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

// Coffee 0 with filters 1 in three orders, with mugs 2 in two, with 3 once. Customer 1 has coffee, customer 2 nothing.
const TestHistory kShop(5,
                        {
                            {{0, {0, 1, 2}}, {1, {0, 1, 2}}, {2, {0, 1, 3}}},
                            {{100, {0}}},
                            {},
                        },
                        100);

TEST(Together, OffersWhatIsBoughtInTheSameOrder) {
  Context ctx;
  const auto source = fit_together(ctx, kShop.view(), item_orders(kShop.view()));
  EXPECT_EQ(source->name(), "together");
  const auto lists = lists_of(*source, kShop.view(), {1, 2}, 4);
  const auto cosine = [](double both, double a, double b) { return static_cast<float>(both / std::sqrt(a * b)); };
  EXPECT_THAT(lists[0], ElementsAre(Pair(1, cosine(3, 4, 3)), Pair(2, cosine(2, 4, 2)))) << "3 was seen only once";
  EXPECT_THAT(lists[1], IsEmpty());
}

TEST(Together, ADifferentOrderIsNotTogether) {
  const TestHistory apart(2, {{{0, {0}}, {1, {1}}}, {{0, {0}}, {1, {1}}}}, 2);
  Context ctx;
  const auto source = fit_together(ctx, apart.view(), item_orders(apart.view()));
  EXPECT_THAT(lists_of(*source, apart.view(), {0}, 2)[0], IsEmpty());
}

TEST(Together, WholeHistoriesAreUnitsWhereThereAreNoOrders) {
  // 120 items in each history: above the cap of orders, below that of histories.
  std::vector<Code> many;
  for (Code item = 0; item < 120; ++item) many.push_back(item);
  const TestHistory shop(120, {{{0, many}}, {{0, many}}, {{0, {7}}}});
  Context ctx;
  const auto source = fit_together(ctx, shop.view_without_times(), item_orders(shop.view_without_times()));
  EXPECT_EQ(lists_of(*source, shop.view_without_times(), {2}, 200)[0].size(), 100u) << "the neighbours that are kept";
}

}  // namespace
}  // namespace nextbest::test
