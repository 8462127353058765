#include <algorithm>
#include <functional>
#include <random>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/cpu/sort_keys.hpp"
#include "tests/support/only_target.hpp"

namespace nextbest::test {
namespace {

TEST(SortKeys, SortsDescending) {
  for (const std::int64_t target : machine_targets()) {
    const OnlyTarget only(target);
    for (const std::size_t n : {0, 1, 2, 7, 8, 9, 50, 127, 128, 129, 1000}) {
      SCOPED_TRACE(testing::Message() << hwy::TargetName(target) << ", n " << n << ", seed 3");
      std::mt19937_64 random(3);
      std::vector<std::uint64_t> keys(n), sorted(n);
      for (std::uint64_t& key : keys) key = random();
      if (n > 2) keys[1] = 0, keys[2] = ~std::uint64_t{0};        // the ends, where a sign would show
      keys.resize(n + cpu::kKeysPadding, ~std::uint64_t{0} - 1);  // what is behind them counts for nothing
      cpu::sort_keys(std::span(keys).first(n), sorted.data());
      keys.resize(n);
      std::sort(keys.begin(), keys.end(), std::greater<>());
      EXPECT_EQ(sorted, keys);
    }
  }
}

}  // namespace
}  // namespace nextbest::test
