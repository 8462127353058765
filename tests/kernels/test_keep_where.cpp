#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/cpu/keep_where.hpp"
#include "tests/support/only_target.hpp"

namespace nextbest::test {
namespace {

constexpr std::uint32_t kLast = std::numeric_limits<std::uint32_t>::max();

TEST(KeepWhere, KeepsTheRanksWhoseNumberIsInTheRangeInTheirOrder) {
  for (const std::int64_t target : machine_targets()) {
    const OnlyTarget only(target);
    for (const std::size_t n : {0, 1, 3, 4, 15, 16, 17, 63, 200}) {
      SCOPED_TRACE(testing::Message() << hwy::TargetName(target) << ", n " << n << ", seed 11");
      std::mt19937 random(11);
      std::vector<std::uint32_t> ranks(n), number(n);
      for (std::uint32_t& rank : ranks) rank = random();
      for (std::uint32_t& of : number) of = random() % 8 == 0 ? kLast - random() % 3 : random() % 30;
      for (const auto& [begin, end] : std::vector<std::pair<std::uint32_t, std::uint32_t>>{
               {0, 0}, {0, 1}, {0, 30}, {7, 7}, {7, 8}, {9, 21}, {0, kLast}, {20, kLast}, {kLast - 1, kLast}}) {
        std::vector<std::uint32_t> wanted, kept(n + cpu::kKeptPadding);
        for (std::size_t i = 0; i < n; ++i)
          if (number[i] >= begin && number[i] < end) wanted.push_back(ranks[i]);
        kept.resize(cpu::keep_where(ranks, number.data(), begin, end, kept.data()));
        EXPECT_EQ(kept, wanted) << begin << " to " << end;
      }
    }
  }
}

}  // namespace
}  // namespace nextbest::test
