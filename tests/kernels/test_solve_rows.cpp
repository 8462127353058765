#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "kernels/ops/solve_rows.hpp"
#include "tests/reference/ials_pcg.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/ials_case.hpp"
#include "tests/support/only_target.hpp"
#include "tests/support/padded_matrix.hpp"

namespace nextbest::test {
namespace {

using reference::Dense;
using reference::IalsWeights;

/// Factors and eigenvalues at random: solve_rows takes both as they are, whether they belong together or not.
struct Case {
  Case(Offset items, Offset dim, const std::vector<Offset>& lengths, bool weighted)
      : ratings(csr_with_lengths(11, items, lengths, weighted)),
        factors(items, dim),
        start(static_cast<Offset>(lengths.size()), dim),
        eigenvalues(dim) {
    factors.fill_random(12);
    start.fill_random(13);
    for (Offset k = 0; k < dim; ++k) eigenvalues[k] = static_cast<double>(items) / static_cast<double>(3 + k);
  }

  RowSystems systems() const {
    return {ratings.view(), std::as_const(factors).view(), eigenvalues, weights.alpha0, weights.lambda, weights.nu,
            steps};
  }
  Dense gramian() const {
    Dense g(factors.view().cols, factors.view().cols);
    for (Offset k = 0; k < g.rows; ++k) g(k, k) = eigenvalues[k];
    return g;
  }
  PaddedMatrix<float> solved(Context ctx) const {
    PaddedMatrix<float> w = start;
    solve_rows(ctx, systems(), w.view());
    EXPECT_TRUE(w.padding_untouched());
    return w;
  }

  Csr<float> ratings;
  PaddedMatrix<float> factors, start;
  std::vector<double> eigenvalues;
  IalsWeights weights{.05, .02, 1};
  int steps = 3;
};

bool by_dual(Offset n, Offset dim) {
  return n <= kDualRowLimit && n < dim;
}

// A solution by Cholesky in double, rounded once. The relative error of either method is at most about dim^2 * 2^-53
// times the condition of the system (Higham 2002, section 10.1), which is at most (trace of A) / (smallest D).
void expect_exact(const reference::NormalEquations& system, double smallest, const float* w) {
  const auto dim = static_cast<Offset>(system.b.size());
  const std::vector<double> wanted = reference::solve(system.a, system.b);
  double trace = 0, norm = 0;
  for (Offset k = 0; k < dim; ++k) trace += system.a(k, k), norm += wanted[k] * wanted[k];
  const double in_double = 4 * static_cast<double>((dim + 16) * (dim + 16)) * 0x1p-53 * trace / smallest;
  for (Offset k = 0; k < dim; ++k)
    ASSERT_LE(std::abs(w[k] - wanted[k]), 0x1p-24 * std::abs(wanted[k]) + in_double * std::sqrt(norm)) << "dim " << k;
}

double distance(const std::vector<double>& x, const std::vector<double>& y) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += (x[k] - y[k]) * (x[k] - y[k]);
  return std::sqrt(sum);
}

// No further from the same steps in double than four times what noise of a float's roundoff in every operation makes
// of them in the worst of six runs. And that must be little enough to tell three steps from two.
void expect_steps(const Case& c, const std::vector<reference::Rating>& row, const std::vector<double>& d,
                  const float* start, const float* w) {
  const Dense h = c.factors.dense();
  const std::vector<double> from(start, start + d.size()), found(w, w + d.size()), zero(d.size(), 0.0);
  const std::vector<double> wanted = reference::conjugate_gradients<double>(row, h, d, from, c.steps);
  double noise = 0;
  for (int run = 0; run < 6; ++run) {
    reference::Noisy::seed(run);
    std::vector<double> noisy;
    for (const reference::Noisy x : reference::conjugate_gradients<reference::Noisy>(row, h, d, from, c.steps))
      noisy.push_back(reference::number(x));
    noise = std::max(noise, distance(noisy, wanted));
  }
  const double norm = distance(wanted, zero);
  EXPECT_LE(distance(found, wanted), 4 * noise);
  EXPECT_LE(noise, 2e-4 * norm) << "the bound is too loose to test anything";
}

void expect_contract(const Case& c, const PaddedMatrix<float>& w) {
  const auto rows = to_reference(c.ratings.view());
  const Offset dim = w.view().cols;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    SCOPED_TRACE(testing::Message() << "row " << r << " of " << rows[r].size() << " entries, dim " << dim);
    const float* out = w.view().row(static_cast<Offset>(r));
    if (rows[r].empty()) {
      ASSERT_TRUE(std::all_of(out, out + dim, [](float x) { return x == 0; }));
      continue;
    }
    const double ridge =
        c.weights.lambda * std::pow(reference::frequency(rows[r], c.ratings.cols, c.weights), c.weights.nu);
    std::vector<double> d;
    for (const double x : c.eigenvalues) d.push_back(c.weights.alpha0 * x + ridge);
    if (by_dual(static_cast<Offset>(rows[r].size()), dim))
      expect_exact(reference::normal_equations(rows[r], c.factors.dense(), c.gramian(), c.weights),
                   *std::min_element(d.begin(), d.end()), out);
    else
      expect_steps(c, rows[r], d, c.start.view().row(static_cast<Offset>(r)), out);
  }
}

using SolveRowsTest = OverBackends;
INSTANTIATE_TEST_SUITE_P(All, SolveRowsTest, testing::ValuesIn(backends()), BackendName());

TEST_P(SolveRowsTest, ByHand) {
  // dim 2, one entry with c = 2 and h = (1, 0): ( 2 + .5 * 3 + .1 f ) w0 = 2, w1 = 0, f = 2 + .5 * 1.
  Csr<float> ratings;
  ratings.cols = 1;
  ratings.indptr = {0, 1};
  ratings.indices = {0};
  ratings.values = {2};
  const float h[] = {1, 0};
  const std::vector<double> eigenvalues{3, 1};
  float w[] = {9, 9};
  Context ctx = context();
  solve_rows(ctx, {ratings.view(), {h, 1, 2}, eigenvalues, .5, .1, 1, 3}, {w, 1, 2});
  EXPECT_FLOAT_EQ(w[0], static_cast<float>(2 / (2 + 1.5 + .25)));
  EXPECT_EQ(w[1], 0);
}

TEST_P(SolveRowsTest, FollowsTheContractForAllSizes) {
  const std::vector<Offset> lengths{0, 1, 2, 3, 15, 16, 17, 0, 24, 31, 65, 257};
  for (const Offset dim : {1, 3, 4, 64, 100, 128, 129}) {
    const Case c(300, dim, lengths, true);
    expect_contract(c, c.solved(context(2)));
  }
}

TEST_P(SolveRowsTest, WithoutValuesEveryWeightIsOne) {
  const std::vector<Offset> lengths{3, 16, 17, 40};
  const Case c(300, 20, lengths, false);
  expect_contract(c, c.solved(context()));
  Case ones = c;
  ones.ratings.values.assign(ones.ratings.indices.size(), 1.0F);
  EXPECT_TRUE(c.solved(context()).same_bits(ones.solved(context())));
}

TEST_P(SolveRowsTest, FollowsTheContractForOtherWeights) {
  const std::vector<Offset> lengths{1, 2, 16, 17, 40};
  for (const IalsWeights weights : {IalsWeights{0, 1e-3, 1}, {0, .1, 0}, {1, .003, .5}, {1e-4, .3, 2}}) {
    SCOPED_TRACE(testing::Message() << "alpha0 " << weights.alpha0 << ", reg " << weights.lambda << ", nu "
                                    << weights.nu);
    for (const Offset dim : {4, 33}) {
      Case c(50, dim, lengths, true);
      c.weights = weights;
      expect_contract(c, c.solved(context()));
    }
  }
}

TEST_P(SolveRowsTest, FollowsTheContractForAGiantRow) {
  Case c(9000, 5, {2, 8999, 1, 4096, 1024, 1025}, true);
  expect_contract(c, c.solved(context(2)));
}

TEST(SolveRowsTargets, EveryInstructionSetOfThisMachineFollowsTheContract) {
  std::set<std::size_t> chosen;  // places in the table of compiled versions
  for (const std::int64_t target : machine_targets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    const OnlyTarget only(target);
    for (const Offset dim : {3, 33}) {
      const Case c(80, dim, {2, 9, 16, 17, 45}, true);
      expect_contract(c, c.solved(Context{}));
    }
    chosen.insert(hwy::GetChosenTarget().GetIndex());
  }
#if HWY_ARCH_X86
  EXPECT_GT(chosen.size(), 1U) << "the run-time choice always fell on the same version";
#endif
}

TEST_P(SolveRowsTest, MoreDimensionsThanItems) {
  Case c(6, 40, {1, 6, 3}, true);
  expect_contract(c, c.solved(context()));
}

TEST_P(SolveRowsTest, OneStepAndMany) {
  for (const int steps : {1, 2, 5}) {
    Case c(200, 16, {17, 100}, true);
    c.steps = steps;
    c.weights.lambda = .5;
    expect_contract(c, c.solved(context()));
  }
}

TEST_P(SolveRowsTest, EqualItemsAreNoTrouble) {
  for (const Offset n : {2, 16, 17, 40}) {
    Case c(40, 20, {n}, false);
    for (Offset i = 0; i < 40; ++i)
      for (Offset k = 0; k < 20; ++k) c.factors.view()(i, k) = c.factors.view()(0, k);
    expect_contract(c, c.solved(context()));
  }
}

TEST_P(SolveRowsTest, TheSameForEveryNumberOfThreads) {
  std::vector<Offset> lengths(600, 9);
  for (std::size_t r = 0; r < lengths.size(); ++r) lengths[r] = static_cast<Offset>(r * r % 97);
  lengths[300] = 5000;
  const Case c(5000, 33, lengths, true);
  const PaddedMatrix<float> one = c.solved(context(1));
  EXPECT_TRUE(one.same_bits(c.solved(context(2))));
  EXPECT_TRUE(one.same_bits(c.solved(context(5))));
}

// Each step minimises the row's objective over a larger space, so it falls with every step; after as many steps as
// there are dimensions it is the minimum, up to rounding.
TEST_P(SolveRowsTest, EveryStepLowersTheObjective) {
  for (const Offset dim : {4, 32, 64}) {
    Case c(400, dim, {dim + 17, 90, 200, 399}, true);
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
  Case c(100, 8, {50, 60}, true);
  c.factors = PaddedMatrix<float>(100, 8);
  for (Offset k = 0; k < 8; ++k) c.start.view()(0, k) = 0;
  const PaddedMatrix<float> w = c.solved(context());
  for (Offset r = 0; r < 2; ++r)
    for (Offset k = 0; k < 8; ++k) EXPECT_NEAR(w.view()(r, k), 0, 1e-6) << r << ", " << k;
}

std::string error_of(const Case& c, Context ctx) {
  try {
    PaddedMatrix<float> w = c.start;
    solve_rows(ctx, c.systems(), w.view());
  } catch (const NumericalError& error) {
    return error.what();
  }
  return "no error";
}

TEST_P(SolveRowsTest, InputThatIsNotFiniteIsAnErrorThatNamesTheRow) {
  for (const float bad : {INFINITY, NAN})
    for (const Offset n : {3, 40}) {
      Case c(60, 20, {0, 0, n}, true);
      c.factors.view()(c.ratings.indices[1], 19) = bad;
      EXPECT_NE(error_of(c, context(2)).find("row 2 "), std::string::npos) << error_of(c, context(2));
    }
  Case c(60, 20, {2, 40}, true);
  c.start.view()(1, 3) = NAN;
  c.start.view()(0, 3) = NAN;  // the dual does not read it
  EXPECT_NE(error_of(c, context()).find("row 1 "), std::string::npos);
}

TEST_P(SolveRowsTest, ARegularisationThatIsTooSmallIsAnErrorThatNamesTheRow) {
  Case c(60, 20, {1, 16}, false);
  c.weights = {0, 1e-30, 1};
  for (Offset k = 0; k < 20; ++k) c.factors.view()(c.ratings.indices[1], k) = c.factors.view()(c.ratings.indices[2], k);
  EXPECT_NE(error_of(c, context()).find("row 1 is singular"), std::string::npos) << error_of(c, context());
  c.weights.lambda = 1e-6;
  EXPECT_EQ(error_of(c, context()), "no error");
}

TEST_P(SolveRowsTest, OverflowIsAnError) {
  Case c(60, 20, {40}, false);
  for (Offset i = 0; i < 60; ++i) c.factors.view()(i, 0) = 1e30F;
  EXPECT_NE(error_of(c, context()).find("row 0 "), std::string::npos);
}

TEST_P(SolveRowsTest, RefusesWhatTheContractDoesNotAllow) {
  const Case good(10, 4, {2, 3}, true);
  PaddedMatrix<float> w(2, 4), narrow(2, 3), tall(3, 4);
  Context ctx = context();
  EXPECT_THROW(solve_rows(ctx, good.systems(), narrow.view()), ShapeMismatch);
  EXPECT_THROW(solve_rows(ctx, good.systems(), tall.view()), ShapeMismatch);
  const auto refused = [&](auto change) {
    Case c = good;
    change(c);
    EXPECT_THROW(solve_rows(ctx, c.systems(), w.view()), InvalidArgument);
  };
  refused([](Case& c) { c.weights.alpha0 = -1; });
  refused([](Case& c) { c.weights.lambda = 0; });
  refused([](Case& c) { c.weights.nu = NAN; });
  refused([](Case& c) { c.steps = 0; });
  refused([](Case& c) { c.eigenvalues[2] = -1; });
  refused([](Case& c) { c.eigenvalues[2] = INFINITY; });
  refused([](Case& c) { c.ratings.indices[4] = 10; });
  refused([](Case& c) { c.ratings.indices[4] = -1; });
  refused([](Case& c) { c.ratings.values[4] = 0; });
  refused([](Case& c) { c.ratings.values[4] = NAN; });
}

}  // namespace
}  // namespace nextbest::test
