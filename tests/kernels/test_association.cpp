#include <cmath>

#include <gtest/gtest.h>

#include "kernels/math/association.hpp"

namespace nextbest {
namespace {

// 1000 baskets, a in 100, b in 50, both in 20: by chance 100 * 50 / 1000 = 5.
constexpr PairCounts kPair{20, 100, 50, 1000};

TEST(Association, ByHand) {
  EXPECT_DOUBLE_EQ(support(kPair), 0.02);
  EXPECT_DOUBLE_EQ(confidence(kPair), 0.2);
  EXPECT_DOUBLE_EQ(lift(kPair), 4);
  EXPECT_DOUBLE_EQ(cosine(kPair), 20 / std::sqrt(5000.0));
  EXPECT_DOUBLE_EQ(jaccard(kPair), 20.0 / 130);
  EXPECT_DOUBLE_EQ(npmi(kPair), std::log(4.0) / std::log(50.0));
  EXPECT_DOUBLE_EQ(shrunk_lift(20, 5, 5), 2.5);
  EXPECT_TRUE(positively_associated(kPair));
}

// Table 20 80 / 30 870, as observed against expected: 5 95 / 45 855.
TEST(Association, LlrIsTheSumOverTheFourCells) {
  const double wanted =
      2 * (20 * std::log(20.0 / 5) + 80 * std::log(80.0 / 95) + 30 * std::log(30.0 / 45) + 870 * std::log(870.0 / 855));
  EXPECT_NEAR(llr(kPair), wanted, 1e-10);
  EXPECT_NEAR(llr({110, 2552, 221, 31777}), 270.72, 0.005);  // Dunning (1993), table 2: "the swiss"
}

TEST(Association, IndependentPairsScoreNothing) {
  const PairCounts independent{5, 100, 50, 1000};
  EXPECT_NEAR(llr(independent), 0, 1e-9);
  EXPECT_GE(llr(independent), 0);
  EXPECT_DOUBLE_EQ(lift(independent), 1);
  EXPECT_NEAR(npmi(independent), 0, 1e-15);
  EXPECT_FALSE(positively_associated(independent));
  EXPECT_FALSE(positively_associated({4, 100, 50, 1000}));
}

TEST(Association, Extremes) {
  const PairCounts always{10, 10, 10, 10};
  EXPECT_EQ(npmi(always), 1);
  EXPECT_EQ(llr(always), 0);
  EXPECT_EQ(jaccard(always), 1);
  const PairCounts only_together{10, 10, 10, 100};
  EXPECT_DOUBLE_EQ(npmi(only_together), 1);
  EXPECT_DOUBLE_EQ(cosine(only_together), 1);
  EXPECT_NEAR(llr(only_together), 2 * (10 * std::log(10.0) + 90 * std::log(100.0 / 90)), 1e-10);
}

// 20 of 100 at 95 %: (0.13337, 0.28883) in the tables.
TEST(Association, WilsonLower) {
  EXPECT_NEAR(wilson_lower(20, 100), 0.1333669, 1e-7);
  EXPECT_EQ(wilson_lower(0, 10), 0);
  EXPECT_NEAR(wilson_lower(10, 10), 0.7224672, 1e-7);
  EXPECT_EQ(wilson_lower(0, 0), 0);
}

TEST(Association, ChanceAfterIsAPower) {
  EXPECT_EQ(chance_after(0, 0.3, 0), 0);
  EXPECT_EQ(chance_after(0, 0.3, 1), 0.3);
  for (const double p : {0.5, 0.01, 1e-5})
    for (const std::int64_t m : {2, 3, 7, 64, 999}) {
      const double wanted = -std::expm1(static_cast<double>(m) * std::log1p(-p));
      EXPECT_NEAR(chance_after(0, p, m), wanted, 1e-13 * wanted) << p << " " << m;
      EXPECT_NEAR(chance_after(chance_after(0, p, 5), p, m - 1), chance_after(0, p, m + 4), 1e-13);
    }
  EXPECT_NEAR(chance_after(0, 1e-17, 100), 1e-15, 1e-28);  // 1 - (1 - p)^m would say 0
  EXPECT_EQ(chance_after(0, 1, 1000), 1);
}

TEST(Association, EachMeasureByItsName) {
  EXPECT_DOUBLE_EQ(association(Measure::kLlr, kPair, 5, 5), std::sqrt(llr(kPair)));
  EXPECT_EQ(association(Measure::kLift, kPair, 5, 5), lift(kPair));
  EXPECT_EQ(association(Measure::kShrunkLift, kPair, 5, 5), 2.5);
  EXPECT_EQ(association(Measure::kNpmi, kPair, 5, 5), npmi(kPair));
  EXPECT_EQ(association(Measure::kJaccard, kPair, 5, 5), jaccard(kPair));
  EXPECT_EQ(association(Measure::kCosine, kPair, 5, 5), cosine(kPair));
  EXPECT_EQ(association(Measure::kConfidence, kPair, 5, 5), confidence(kPair));
  EXPECT_EQ(association(Measure::kCount, kPair, 5, 5), 20);
}

}  // namespace
}  // namespace nextbest
