#include <gmock/gmock.h>

#include "models/popularity/popularity.hpp"
#include "tests/models/source_lists.hpp"
#include "tests/support/histories.hpp"

namespace nextbest::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

// Item 0: three old orders; 1: two recent ones, one of nobody's; 2: one recent; 3: one old; 4: never bought.
const TestHistory kSold(5, {{{1, {0, 3}}, {60, {0}}, {95, {1, 2}}}, {{2, {0}}}}, 100, {{99, {1}}});

TEST(ItemOrders, CountsBasketsEverAndInAWindow) {
  EXPECT_THAT(item_orders(kSold.view()), ElementsAre(3, 2, 1, 1, 0));
  EXPECT_THAT(item_orders(kSold.view(), 30), ElementsAre(0, 2, 1, 0, 0));
  EXPECT_THAT(item_orders(kSold.view(), 5), ElementsAre(0, 2, 1, 0, 0)) << "exactly five days ago is within five days";
  EXPECT_THAT(item_orders(kSold.view_without_times(), 30), ElementsAre(3, 2, 1, 1, 0));
}

TEST(Popularity, LastThirtyDaysThenAllTimeThenCode) {
  const auto source = make_popularity_source(kSold.view());
  EXPECT_EQ(source->name(), "popularity");
  const auto lists = lists_of(*source, kSold.view(), {0, 1}, 5);
  EXPECT_THAT(lists[0], ElementsAre(Pair(1, 2.0f), Pair(2, 1.0f), Pair(0, 0.0f), Pair(3, 0.0f)));
  EXPECT_EQ(lists[1], lists[0]) << "everybody gets the same list";
}

TEST(Popularity, WithoutTimesEverythingCounts) {
  const auto source = make_popularity_source(kSold.view_without_times());
  EXPECT_THAT(lists_of(*source, kSold.view_without_times(), {1}, 2)[0], ElementsAre(Pair(0, 3.0f), Pair(1, 2.0f)));
}

TEST(Popularity, FilterActsInsideSoThatListsStayFull) {
  const auto source = make_popularity_source(kSold.view());
  const Csr<float> owned{5, {0, 2, 2}, {1, 2}, {}};
  const Csr<float> blocked{5, {0, 0, 1}, {1}, {}};
  const Csr<float> pinned{5, {0, 0, 2}, {3, 1}, {}};
  const std::vector<std::uint64_t> eligible{0b11110};
  const auto lists =
      lists_of(*source, kSold.view(), {0, 1}, 2, {owned.view(), blocked.view(), pinned.view(), eligible});
  EXPECT_THAT(lists[0], ElementsAre(Pair(3, 0.0f)));
  EXPECT_THAT(lists[1], ElementsAre(Pair(3, 0.0f), Pair(2, 1.0f))) << "a block beats a pin";
}

}  // namespace
}  // namespace nextbest::test
