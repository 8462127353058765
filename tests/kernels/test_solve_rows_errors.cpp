#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "tests/kernels/solve_case.hpp"
#include "tests/support/backends.hpp"

namespace nextbest::test {
namespace {

using SolveRowsErrors = OverBackends;
INSTANTIATE_TEST_SUITE_P(All, SolveRowsErrors, testing::ValuesIn(backends()), BackendName());

std::string error_of(const SolveCase& c, Context ctx) {
  try {
    PaddedMatrix<float> w = c.start;
    solve_rows(ctx, c.systems(), w.view());
  } catch (const NumericalError& error) {
    return error.what();
  }
  return "no error";
}

TEST_P(SolveRowsErrors, InputThatIsNotFiniteIsAnErrorThatNamesTheRow) {
  for (const float bad : {INFINITY, NAN})
    for (const Offset n : {3, 40}) {
      SolveCase c(60, 20, {0, 0, n}, true);
      c.factors.view()(c.ratings.indices[1], 19) = BFloat16(bad);
      EXPECT_NE(error_of(c, context(2)).find("row 2 "), std::string::npos) << error_of(c, context(2));
    }
  SolveCase c(60, 20, {2, 40}, true);
  c.start.view()(1, 3) = NAN;
  c.start.view()(0, 3) = NAN;  // the dual does not read it
  EXPECT_NE(error_of(c, context()).find("row 1 "), std::string::npos);
}

// Two entries of the same vector leave a pivot of 1 / c beside 1e6 and more: what rounding makes of it must neither be
// an error nor spoil the solution, which predicts 1 for every entry.
TEST_P(SolveRowsErrors, ARegularisationThatIsNextToNothingIsNone) {
  for (const double lambda : {1e-6, 1e-9, 1e-20, 1e-30}) {
    SolveCase c(60, 20, {2}, false);
    c.weights = {0, lambda, 1};
    for (Offset k = 0; k < 20; ++k)
      c.factors.view()(c.ratings.indices[1], k) = c.factors.view()(c.ratings.indices[0], k);
    const PaddedMatrix<float> w = c.solved(context());
    double y = 0;
    for (Offset k = 0; k < 20; ++k)
      y += static_cast<double>(w.view()(0, k)) * c.factors.view()(c.ratings.indices[0], k);
    EXPECT_NEAR(y, 1, 1e-5) << lambda;
  }
  SolveCase c(60, 20, {2}, false);
  c.weights = {0, 1e-60, 1};  // not a float any more
  EXPECT_NE(error_of(c, context()).find("row 0 has no finite solution"), std::string::npos) << error_of(c, context());
}

TEST_P(SolveRowsErrors, OverflowIsAnError) {
  SolveCase c(60, 20, {40}, false);
  for (Offset i = 0; i < 60; ++i) c.factors.view()(i, 0) = BFloat16(1e30F);
  EXPECT_NE(error_of(c, context()).find("row 0 "), std::string::npos);
}

TEST_P(SolveRowsErrors, RefusesWhatTheContractDoesNotAllow) {
  const SolveCase good(10, 4, {2, 3}, true);
  PaddedMatrix<float> w(2, 4), narrow(2, 3), tall(3, 4);
  Context ctx = context();
  EXPECT_THROW(solve_rows(ctx, good.systems(), narrow.view()), ShapeMismatch);
  EXPECT_THROW(solve_rows(ctx, good.systems(), tall.view()), ShapeMismatch);
  const auto refused = [&](auto change) {
    SolveCase c = good;
    change(c);
    EXPECT_THROW(solve_rows(ctx, c.systems(), w.view()), InvalidArgument);
  };
  refused([](SolveCase& c) { c.weights.alpha0 = -1; });
  refused([](SolveCase& c) { c.weights.lambda = 0; });
  refused([](SolveCase& c) { c.weights.nu = NAN; });
  refused([](SolveCase& c) { c.steps = 0; });
  refused([](SolveCase& c) { c.eigenvalues[2] = -1; });
  refused([](SolveCase& c) { c.eigenvalues[2] = INFINITY; });
  refused([](SolveCase& c) { c.ratings.indices[4] = 10; });
  refused([](SolveCase& c) { c.ratings.indices[4] = -1; });
  refused([](SolveCase& c) { c.ratings.values[4] = 0; });
  refused([](SolveCase& c) { c.ratings.values[4] = NAN; });
}

}  // namespace
}  // namespace nextbest::test
