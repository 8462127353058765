#include <cmath>

#include <gtest/gtest.h>

#include "kernels/core/philox.hpp"

namespace nextbest {
namespace {

void expect_block(const PhiloxBlock& block, std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  EXPECT_EQ(block.word[0], a);
  EXPECT_EQ(block.word[1], b);
  EXPECT_EQ(block.word[2], c);
  EXPECT_EQ(block.word[3], d);
}

// The known answers of philox4x32-10 published with Random123 (kat_vectors).
TEST(Philox, KnownAnswers) {
  expect_block(philox(0, 0, 0), 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
  const std::uint64_t ones = ~std::uint64_t{0};
  expect_block(philox(ones, ones, ones), 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
  // counter 243f6a88 85a308d3 13198a2e 03707344, key a4093822 299f31d0 (the digits of pi)
  expect_block(philox(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88), 0xd16cfe09, 0x94fdcceb, 0x5001e420,
               0x24126ea1);
}

TEST(Philox, UniformStaysInItsRangeAndSpreads) {
  double sum = 0, sum_of_squares = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = philox_uniform(1, 2, i);
    ASSERT_GT(x, 0);
    ASSERT_LE(x, 1);
    sum += x;
    sum_of_squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 1.0 / 2, 5 * std::sqrt(1.0 / 12 / kDraws));  // five standard errors
  EXPECT_NEAR(sum_of_squares / kDraws, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / kDraws));
}

TEST(Philox, BelowReachesEveryNumberEquallyOften) {
  int seen[7] = {};
  constexpr int kDraws = 70'000;
  for (int i = 0; i < kDraws; ++i) {
    const std::uint64_t x = philox_below(9, 0, i, 7);
    ASSERT_LT(x, 7u);
    ++seen[x];
  }
  for (const int n : seen) EXPECT_NEAR(n, kDraws / 7, 5 * std::sqrt(kDraws / 7.0));
}

TEST(Philox, NormalHasMeanZeroAndVarianceOne) {
  double sum = 0, sum_of_squares = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = philox_normal(3, 4, i);
    ASSERT_TRUE(std::isfinite(x));
    sum += x;
    sum_of_squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0, 5 / std::sqrt(kDraws));
  EXPECT_NEAR(sum_of_squares / kDraws, 1, 5 * std::sqrt(2.0 / kDraws));
}

TEST(Philox, SeedStreamAndIndexAllMatter) {
  const double x = philox_uniform(1, 2, 3);
  EXPECT_EQ(x, philox_uniform(1, 2, 3));
  EXPECT_NE(x, philox_uniform(2, 2, 3));
  EXPECT_NE(x, philox_uniform(1, 3, 3));
  EXPECT_NE(x, philox_uniform(1, 2, 4));
  EXPECT_NE(x, philox_uniform(1, 2, 3 + (std::uint64_t{1} << 32)));
}

}  // namespace
}  // namespace nextbest
