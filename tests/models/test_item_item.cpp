#include <cmath>

#include <gmock/gmock.h>

#include "kernels/math/fixed_point.hpp"
#include "models/item_item/item_item.hpp"
#include "models/popularity/popularity.hpp"
#include "tests/models/source_lists.hpp"
#include "tests/support/histories.hpp"

namespace nextbest::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(CustomerUnits, DistinctItemsWithDampedWeight) {
  const TestHistory shop(5, {{{0, {0, 3}}, {9, {1, 3}}}, {}, {{0, {4}}}}, 10, {{3, {0, 1}}});
  const PairUnitsData units = customer_units(shop.view(), 0.69, 80);
  EXPECT_THAT(units.baskets.indptr, ElementsAre(0, 3, 4));
  EXPECT_THAT(units.baskets.indices, ElementsAre(0, 1, 3, 4)) << "nobody's baskets do not enter";
  EXPECT_THAT(units.weights, ElementsAre(to_fixed(std::pow(3.0, -0.69)), kWeightOne));
}

TEST(CustomerUnits, LongHistoriesKeepTheNewestItems) {
  const TestHistory shop(9, {{{0, {0, 1, 2, 3, 4, 5}}, {5, {1, 6}}, {9, {7, 8}}}}, 10);
  ItemItemParams params;
  params.max_history_lines = 4;
  EXPECT_THAT(customer_units(shop.view(), 0.69, params.max_history_lines).baskets.indices, ElementsAre(1, 6, 7, 8));
  params.max_history_lines = 6;
  const auto kept = customer_units(shop.view(), 0.69, params.max_history_lines).baskets.indices;
  EXPECT_EQ(kept.size(), 6u) << "of the basket that is cut, two of the items that are not there yet";
  EXPECT_THAT(kept, testing::IsSupersetOf({1, 6, 7, 8}));
  EXPECT_EQ(kept, customer_units(shop.view(), 0.69, params.max_history_lines).baskets.indices)
      << "the choice is deterministic";
}

TEST(ItemItem, WorthByHand) {
  // Customers {0 1}, {0 1 2}, {0 1}: n = 3 3 1; who has 0 is offered 1 and not 2, which one customer has bought.
  const TestHistory shop(4, {{{0, {0, 1}}}, {{0, {0, 1, 2}}}, {{0, {0, 1}}}, {{0, {0}}}}, 0);
  Context ctx;
  const auto source = fit_item_item(ctx, shop.view(), item_orders(shop.view()));
  EXPECT_EQ(source->name(), "item_item");
  const Csr<float> owned{4, {0, 1}, {0}, {}};
  const auto lists = lists_of(*source, shop.view(), {3}, 4, {owned.view(), {}, {}, {}});
  ASSERT_THAT(items_of(lists[0]), ElementsAre(1));
  const double both = 2 * std::pow(2.0, -0.69) + std::pow(3.0, -0.69);
  // Weights are rounded to 2^-20, scores to float.
  EXPECT_NEAR(lists[0][0].second, std::pow(both, 0.95) * std::pow(4.0, -0.5) * std::pow(3.0, -0.35), 1e-5);
}

TEST(ItemItem, WithoutCustomersThereIsNothingToOffer) {
  const TestHistory shop(2, {}, 0, {{0, {0, 1}}});
  Context ctx;
  const auto source = fit_item_item(ctx, shop.view(), item_orders(shop.view()));
  EXPECT_THAT(lists_of(*source, shop.view(), {}, 2), IsEmpty());
}

}  // namespace
}  // namespace nextbest::test
