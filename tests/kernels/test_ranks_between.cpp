#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/cpu/ranks_between.hpp"
#include "tests/support/only_target.hpp"

namespace nextbest::test {
namespace {

constexpr std::uint32_t kLast = std::numeric_limits<std::uint32_t>::max();

std::vector<std::uint32_t> kept_of(const std::vector<std::uint32_t>& ranks, std::uint32_t begin, std::uint32_t end) {
  std::vector<std::uint32_t> kept(ranks.size() + cpu::kRanksPadding);
  kept.resize(cpu::ranks_between(ranks, begin, end, kept.data()));
  return kept;
}

TEST(RanksBetween, KeepsThoseInTheRangeInTheirOrder) {
  for (const std::int64_t target : machine_targets()) {
    const OnlyTarget only(target);
    for (const std::size_t n : {0, 1, 3, 4, 15, 16, 17, 63, 200}) {
      SCOPED_TRACE(testing::Message() << hwy::TargetName(target) << ", n " << n << ", seed 11");
      std::mt19937 random(11);
      std::vector<std::uint32_t> ranks(n);
      for (std::uint32_t& rank : ranks) rank = random() % 8 == 0 ? kLast - random() % 3 : random() % 30;
      for (const auto& [begin, end] : std::vector<std::pair<std::uint32_t, std::uint32_t>>{
               {0, 0}, {0, 30}, {7, 7}, {7, 8}, {9, 21}, {0, kLast}, {20, kLast}, {kLast - 1, kLast}}) {
        std::vector<std::uint32_t> wanted;
        for (const std::uint32_t rank : ranks)
          if (rank >= begin && rank < end) wanted.push_back(rank);
        EXPECT_EQ(kept_of(ranks, begin, end), wanted) << begin << " to " << end;
      }
    }
  }
}

}  // namespace
}  // namespace nextbest::test
