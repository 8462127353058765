#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/math/decay.hpp"
#include "kernels/math/fixed_point.hpp"
#include "kernels/math/rank_order.hpp"

namespace nextbest {
namespace {

TEST(FixedPoint, RoundsToTheNearestStepAndNeverToZero) {
  EXPECT_EQ(to_fixed(1.0), kWeightOne);
  EXPECT_EQ(kWeightOne, 1 << 20);
  EXPECT_EQ(to_fixed(0.5), kWeightOne / 2);
  EXPECT_EQ(to_fixed(1.0 / 3), 349525);  // 349525.33
  EXPECT_EQ(to_fixed(2.0 / 3), 699051);  // 699050.67
  EXPECT_EQ(to_fixed(1e-12), 1);
  EXPECT_EQ(to_fixed(0), 1);
  for (const std::int64_t fixed : {std::int64_t{1}, kWeightOne, (std::int64_t{1} << 50) + 1})
    EXPECT_EQ(to_fixed(from_fixed(fixed)), fixed);
}

TEST(Decay, HalvesPerHalfLife) {
  const Micros now = 100 * kMicrosPerDay;
  EXPECT_EQ(decay(now, now, 10), 1.0);
  EXPECT_EQ(decay(now, now - 10 * kMicrosPerDay, 10), 0.5);
  EXPECT_EQ(decay(now, now - 40 * kMicrosPerDay, 10), 0.0625);
  EXPECT_DOUBLE_EQ(decay(now, now - 5 * kMicrosPerDay, 10), std::sqrt(0.5));
}

TEST(Decay, IsOneWithoutHalfLifeTimeOrPast) {
  EXPECT_EQ(decay(50, 10, 0), 1.0);
  EXPECT_EQ(decay(50, kNoTime, 10), 1.0);
  EXPECT_EQ(decay(50, 60, 10), 1.0);
  EXPECT_GT(decay(0, -400 * kMicrosPerDay, 180), 0.0);  // before 1970
}

TEST(RankOrder, ScoreThenPopularityThenCode) {
  std::vector<Ranked> list{{1, 5, 9}, {2, 1, 8}, {1, 5, 3}, {1, 7, 10}, {-1, 100, 0}};
  std::sort(list.begin(), list.end(), ranks_before);
  std::vector<Code> order;
  for (const Ranked& ranked : list) order.push_back(ranked.item);
  EXPECT_EQ(order, (std::vector<Code>{8, 10, 3, 9, 0}));
  EXPECT_FALSE(ranks_before(list[0], list[0]));
}

}  // namespace
}  // namespace nextbest
