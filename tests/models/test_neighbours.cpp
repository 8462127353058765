#include <cmath>

#include <gmock/gmock.h>

#include "models/neighbours/neighbours.hpp"
#include "tests/models/source_lists.hpp"
#include "tests/support/histories.hpp"

namespace nextbest::test {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::IsEmpty;
using testing::Pair;

// Units {0 1}, {0 1 2}, {0 2}, {3}: n = 3 2 2 1, N_01 = 2, N_02 = 2, N_12 = 1.
PairUnitsData four_units() {
  PairUnitsData units;
  units.baskets = {4, {0, 2, 5, 7, 8}, {0, 1, 0, 1, 2, 0, 2, 3}, {}};
  return units;
}

TEST(NearestItems, CosineInRankOrder) {
  Context ctx;
  const Csr<float> near = nearest_items(ctx, four_units(), {Measure::kCosine, 3, 1});
  EXPECT_THAT(near.indptr, ElementsAre(0, 2, 4, 6, 6));
  // cos(0, 1) = cos(0, 2) = 2 / sqrt(6), equally popular, so by code; cos(1, 2) = 1 / 2.
  EXPECT_THAT(near.indices, ElementsAre(1, 2, 0, 2, 0, 1));
  const float near_0 = static_cast<float>(2 / std::sqrt(6.0));
  EXPECT_THAT(near.values, ElementsAre(near_0, near_0, near_0, 0.5f, near_0, 0.5f));
}

TEST(NearestItems, SupportAndNumberOfNeighbours) {
  Context ctx;
  EXPECT_THAT(nearest_items(ctx, four_units(), {Measure::kCosine, 3, 2}).indices, ElementsAre(1, 2, 0, 0));
  EXPECT_THAT(nearest_items(ctx, four_units(), {Measure::kCosine, 1, 1}).indices, ElementsAre(1, 0, 0));
}

TEST(NearestItems, WorthSeesWeightedPairsAndPlainItems) {
  Context ctx;
  PairUnitsData units = four_units();
  units.weights = {1 << 20, 1 << 19, 1 << 20, 1 << 20};
  std::vector<std::vector<double>> seen;
  const Csr<float> near = nearest_items(ctx, units, {Measure::kCosine, 1, 1}, [&](const PairCounts& n) {
    seen.push_back({n.both, n.a, n.b, n.units});
    return 7.0;
  });
  EXPECT_THAT(seen.front(), ElementsAre(1.5, 3, 2, 3.5));
  EXPECT_THAT(near.values, ElementsAre(7, 7, 7));
}

TEST(NearestItems, ManyTilesGiveWhatOneGives) {
  // One more than fits a tile of 2^20 places at 1,000 neighbours: item i is bought with i + 1.
  constexpr Offset kTiled = 1'100;
  PairUnitsData units;
  units.baskets.cols = kTiled;
  for (Code item = 0; item + 1 < kTiled; ++item) {
    units.baskets.indices.insert(units.baskets.indices.end(), {item, item + 1});
    units.baskets.indptr.push_back(static_cast<Offset>(units.baskets.indices.size()));
  }
  Context ctx;
  const Csr<float> near = nearest_items(ctx, units, {Measure::kCount, 1000, 1});
  ASSERT_EQ(near.view().rows(), kTiled);
  EXPECT_THAT(near.view().row(0), ElementsAre(1));
  EXPECT_THAT(near.view().row(kTiled - 1), ElementsAre(kTiled - 2));
  for (Code item = 1; item + 1 < kTiled; ++item) EXPECT_EQ(near.view().row_size(item), 2) << item;
}

TEST(NearestItems, WithoutUnitsNobodyIsNear) {
  Context ctx;
  PairUnitsData units;
  units.baskets.cols = 3;
  EXPECT_THAT(nearest_items(ctx, units, {}).indptr, ElementsAre(0, 0, 0, 0));
  units.baskets.cols = 0;
  EXPECT_THAT(nearest_items(ctx, units, {}).indptr, ElementsAre(0));
}

TEST(Anchors, NewestPurchaseOfEachItem) {
  const TestHistory shop(5, {{{0, {1, 4}}, {50, {1, 3}}, {100, {0}}}, {}}, 100);
  EXPECT_THAT(anchors_of(shop.view(), 0, {50, 1, 200}),
              ElementsAre(Pair(0, 1.0f), Pair(1, 0.5f), Pair(3, 0.5f), Pair(4, 0.25f)));
  EXPECT_THAT(anchors_of(shop.view(), 0, {50, 1, 2}), ElementsAre(Pair(0, 1.0f), Pair(1, 0.5f)));
  EXPECT_THAT(anchors_of(shop.view(), 0, {0, 1, 3}), ElementsAre(Pair(0, 1.0f), Pair(1, 1.0f), Pair(3, 1.0f)));
  EXPECT_THAT(anchors_of(shop.view(), 0, {0, 0.5, 9}),
              ElementsAre(Pair(0, 1.0f), Pair(1, 0.5f), Pair(3, 0.5f), Pair(4, 0.25f)));
  EXPECT_THAT(anchors_of(shop.view_without_times(), 0, {50, 0.5, 9})[3], Pair(4, 0.25f));
  EXPECT_THAT(anchors_of(shop.view(), 1, {}), IsEmpty());
}

TEST(NeighbourSource, SumsOverAnchors) {
  const TestHistory shop(5, {{{0, {0}}, {50, {1}}}, {}}, 50);
  // Neighbours of 0: 2 (.8), 3 (.4), 1 (.1); of 1: 3 (.5), 0 (.1).
  Csr<float> neighbours{5, {0, 3, 5, 5, 5, 5}, {2, 3, 1, 3, 0}, {0.8f, 0.4f, 0.1f, 0.5f, 0.1f}};
  const auto source = make_neighbour_source("near", neighbours, {0, 0, 0, 0, 0}, {50, 1, 200});
  EXPECT_EQ(source->name(), "near");
  const auto lists = lists_of(*source, shop.view(), {0, 1}, 5);
  EXPECT_THAT(lists[0], ElementsAre(Pair(3, FloatNear(0.7f, 1e-6f)), Pair(2, FloatNear(0.4f, 1e-6f)),
                                    Pair(0, FloatNear(0.1f, 1e-6f)), Pair(1, FloatNear(0.05f, 1e-6f))));
  EXPECT_THAT(lists[1], IsEmpty());
}

}  // namespace
}  // namespace nextbest::test
