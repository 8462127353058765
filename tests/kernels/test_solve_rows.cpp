#include <cmath>
#include <set>

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include "tests/kernels/solve_case.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/only_target.hpp"

namespace nextbest::test {
namespace {

using SolveRowsTest = OverBackends;
INSTANTIATE_TEST_SUITE_P(All, SolveRowsTest, testing::ValuesIn(backends()), BackendName());

TEST_P(SolveRowsTest, ByHand) {
  // dim 2, one entry with c = 2 and h = (1, 0): ( 2 + .5 * 3 + .1 f ) w0 = 2, w1 = 0, f = 2 + .5 * 1.
  Csr<float> ratings;
  ratings.cols = 1;
  ratings.indptr = {0, 1};
  ratings.indices = {0};
  ratings.values = {2};
  const BFloat16 h[] = {BFloat16(1), BFloat16(0)};
  const std::vector<double> eigenvalues{3, 1};
  float w[] = {9, 9};
  Context ctx = context();
  solve_rows(ctx, {ratings.view(), {h, 1, 2}, eigenvalues, .5, .1, 1, 3}, {w, 1, 2});
  EXPECT_FLOAT_EQ(w[0], static_cast<float>(2 / (2 + 1.5 + .25)));
  EXPECT_EQ(w[1], 0);
}

TEST_P(SolveRowsTest, FollowsTheContractForAllSizes) {
  const std::vector<Offset> lengths{0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 0, 24, 31, 65, 257};
  for (const Offset dim : {1, 3, 4, 64, 100, 128, 129}) {
    const SolveCase c(300, dim, lengths, true);
    expect_contract(c, c.solved(context(2)));
  }
}

TEST_P(SolveRowsTest, WithoutValuesEveryWeightIsOne) {
  const std::vector<Offset> lengths{3, 8, 9, 40};
  const SolveCase c(300, 20, lengths, false);
  expect_contract(c, c.solved(context()));
  SolveCase ones = c;
  ones.ratings.values.assign(ones.ratings.indices.size(), 1.0F);
  EXPECT_TRUE(c.solved(context()).same_bits(ones.solved(context())));
}

TEST_P(SolveRowsTest, FollowsTheContractForOtherWeights) {
  const std::vector<Offset> lengths{1, 2, 8, 9, 40};
  for (const IalsWeights weights : {IalsWeights{0, 1e-3, 1}, {0, .1, 0}, {1, .003, .5}, {1e-4, .3, 2}}) {
    SCOPED_TRACE(testing::Message() << "alpha0 " << weights.alpha0 << ", reg " << weights.lambda << ", nu "
                                    << weights.nu);
    for (const Offset dim : {4, 33}) {
      SolveCase c(50, dim, lengths, true);
      c.weights = weights;
      expect_contract(c, c.solved(context()));
    }
  }
}

TEST_P(SolveRowsTest, FollowsTheContractForAGiantRow) {
  SolveCase c(9000, 5, {2, 8999, 1, 4096, 1024, 1025}, true);
  expect_contract(c, c.solved(context(2)));
}

TEST(SolveRowsTargets, EveryInstructionSetOfThisMachineFollowsTheContract) {
  std::set<std::size_t> chosen;  // places in the table of compiled versions
  for (const std::int64_t target : machine_targets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    const OnlyTarget only(target);
    for (const Offset dim : {3, 33}) {
      const SolveCase c(80, dim, {2, 7, 8, 9, 45}, true);
      expect_contract(c, c.solved(Context{}));
    }
    chosen.insert(hwy::GetChosenTarget().GetIndex());
  }
#if HWY_ARCH_X86
  EXPECT_GT(chosen.size(), 1U) << "the run-time choice always fell on the same version";
#endif
}

TEST_P(SolveRowsTest, MoreDimensionsThanItems) {
  SolveCase c(6, 40, {1, 6, 3}, true);
  expect_contract(c, c.solved(context()));
}

TEST_P(SolveRowsTest, TheWidestVectors) {
  const SolveCase c(200, 1024, {0, 17, 200}, true);
  expect_contract(c, c.solved(context()));
}

TEST_P(SolveRowsTest, OneStepAndMany) {
  for (const int steps : {1, 2, 5}) {
    SolveCase c(200, 16, {17, 100}, true);
    c.steps = steps;
    c.weights.lambda = .5;
    expect_contract(c, c.solved(context()));
  }
}

TEST_P(SolveRowsTest, EqualItemsAreNoTrouble) {
  for (const Offset n : {2, 8, 9, 40}) {
    SolveCase c(40, 20, {n}, false);
    for (Offset i = 0; i < 40; ++i)
      for (Offset k = 0; k < 20; ++k) c.factors.view()(i, k) = c.factors.view()(0, k);
    expect_contract(c, c.solved(context()));
  }
}

TEST_P(SolveRowsTest, TheSameForEveryNumberOfThreads) {
  std::vector<Offset> lengths(600, 9);
  for (std::size_t r = 0; r < lengths.size(); ++r) lengths[r] = static_cast<Offset>(r * r % 97);
  lengths[300] = 5000;
  const SolveCase c(5000, 33, lengths, true);
  const PaddedMatrix<float> one = c.solved(context(1));
  EXPECT_TRUE(one.same_bits(c.solved(context(2))));
  EXPECT_TRUE(one.same_bits(c.solved(context(5))));
}

// Each step minimises the row's objective over a larger space, so it falls with every step; after as many steps as
// there are dimensions it is the minimum, up to rounding.
TEST_P(SolveRowsTest, EveryStepLowersTheObjective) {
  for (const Offset dim : {4, 32, 64}) {
    SolveCase c(400, dim, {dim + 17, 90, 200, 399}, true);
    const auto rows = to_reference(c.ratings.view());
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const auto system = reference::normal_equations(rows[r], c.factors.dense(), c.gramian(), c.weights);
      const auto objective = [&](const PaddedMatrix<float>& w) {
        const float* x = w.view().row(static_cast<Offset>(r));
        return reference::row_objective(system, std::vector<double>(x, x + dim));
      };
      const double least = reference::row_objective(system, reference::solve(system.a, system.b));
      double last = objective(c.start);
      for (const int steps : {1, 2, 3}) {
        c.steps = steps;
        const double now = objective(c.solved(context()));
        EXPECT_LT(now, last) << steps << " steps, row " << r;
        last = now;
      }
      c.steps = static_cast<int>(dim) + 8;
      EXPECT_NEAR(objective(c.solved(context())), least, 1e-5 * std::abs(least)) << "row " << r;
    }
  }
}

// Without factors the right-hand side is zero, and one step goes all the way from any start.
TEST_P(SolveRowsTest, StopsWhereTheResidualVanishes) {
  SolveCase c(100, 8, {50, 60}, true);
  c.factors = PaddedMatrix<BFloat16>(100, 8);
  for (Offset k = 0; k < 8; ++k) c.start.view()(0, k) = 0;
  const PaddedMatrix<float> w = c.solved(context());
  for (Offset r = 0; r < 2; ++r)
    for (Offset k = 0; k < 8; ++k) EXPECT_NEAR(w.view()(r, k), 0, 1e-6) << r << ", " << k;
}

}  // namespace
}  // namespace nextbest::test
