#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "kernels/core/touched_sums.hpp"

namespace nextbest::test {
namespace {

using Drained = std::vector<std::pair<Code, float>>;

Drained drain(TouchedSums& sums) {
  Drained all;
  sums.drain([&](Code place, float sum) { all.emplace_back(place, sum); });
  return all;
}

TEST(TouchedSums, AddsRowsAndForgetsThem) {
  TouchedSums sums(5);
  const std::vector<Code> places{4, 0, 2};
  const std::vector<float> values{1, 2, 3};
  sums.add(places, values, 0.5f);
  sums.add(2, 1);
  EXPECT_EQ(drain(sums), (Drained{{4, 0.5f}, {0, 1.0f}, {2, 2.5f}})) << "in the order of the first touch";
  EXPECT_EQ(drain(sums), Drained{});
  sums.add(0, 7);
  EXPECT_EQ(drain(sums), (Drained{{0, 7.0f}})) << "nothing is left of the row before";
}

TEST(TouchedSums, ZeroesOfEitherSignAreSumsLikeOthers) {
  TouchedSums sums(3);
  for (int again = 0; again < 100; ++again) {
    sums.add(0, -0.0f);
    sums.add(1, 0.0f);
    sums.add(2, again % 2 ? 1.0f : -1.0f);
  }
  EXPECT_EQ(drain(sums), (Drained{{0, 0.0f}, {1, 0.0f}, {2, 0.0f}})) << "each once";
}

TEST(TouchedSums, ForgottenPlacesAreNotVisited) {
  TouchedSums sums(3);
  sums.add(0, 1);
  sums.add(1, 2);
  sums.forget(0);
  sums.forget(2);
  EXPECT_EQ(sums[0], 0.0f);
  EXPECT_EQ(drain(sums), (Drained{{1, 2.0f}}));
}

}  // namespace
}  // namespace nextbest::test
