#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "kernels/ops/gramian.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/padded_matrix.hpp"

namespace nextbest::test {
namespace {

using GramianTest = OverBackends;
INSTANTIATE_TEST_SUITE_P(All, GramianTest, testing::ValuesIn(backends()), BackendName());

TEST_P(GramianTest, ByHand) {
  const float h[] = {1, 2, 3, 4, 5, 6};
  double g[4];
  Context ctx = context();
  gramian(ctx, {h, 3, 2}, {g, 2, 2});
  EXPECT_EQ(g[0], 35);
  EXPECT_EQ(g[1], 44);
  EXPECT_EQ(g[2], 44);
  EXPECT_EQ(g[3], 56);
}

TEST_P(GramianTest, IntegersAreExactForAllSizes) {
  for (const Offset dim : {1, 3, 4, 64, 100, 128, 129})
    for (const Offset rows : {0, 1, 31, 256, 257}) {
      SCOPED_TRACE(testing::Message() << rows << " x " << dim);
      PaddedMatrix<float> h(rows, dim);
      for (Offset r = 0; r < rows; ++r)
        for (Offset c = 0; c < dim; ++c) h.view()(r, c) = static_cast<float>((r * 7 + c * 11) % 13 - 6);
      const reference::Dense wanted = reference::product(reference::transposed(h.dense()), h.dense());
      PaddedMatrix<double> g(dim, dim);
      Context ctx = context(2);
      gramian(ctx, std::as_const(h).view(), g.view());
      ASSERT_EQ(g.dense().x, wanted.x);  // sums of at most 128 * 36: exact in float
      ASSERT_TRUE(g.padding_untouched());
    }
}

TEST_P(GramianTest, WithinTheBoundAndTheSameForEveryNumberOfThreads) {
  const Offset rows = 5000, dim = 33;
  PaddedMatrix<float> h(rows, dim);
  h.fill_random(1);
  PaddedMatrix<double> g(dim, dim);
  Context ctx = context(1);
  gramian(ctx, std::as_const(h).view(), g.view());
  for (Offset i = 0; i < dim; ++i)
    for (Offset j = 0; j < dim; ++j) {
      long double sum = 0, magnitude = 0;
      for (Offset r = 0; r < rows; ++r) {
        const long double term = static_cast<long double>(h.view()(r, i)) * h.view()(r, j);
        sum += term;
        magnitude += std::abs(term);
      }
      ASSERT_LE(std::abs(g.view()(i, j) - sum), (128 * 0x1p-24L + rows * 0x1p-53L) * 1.001L * magnitude)
          << i << ", " << j;
    }
  for (const int threads : {2, 5}) {
    PaddedMatrix<double> again(dim, dim);
    ctx = context(threads);
    gramian(ctx, std::as_const(h).view(), again.view());
    EXPECT_TRUE(again.same_bits(g)) << threads << " threads";
  }
}

TEST_P(GramianTest, WhatIsNotFiniteShows) {
  PaddedMatrix<float> h(300, 4);
  h.view()(299, 2) = std::numeric_limits<float>::infinity();
  PaddedMatrix<double> g(4, 4);
  Context ctx = context();
  gramian(ctx, std::as_const(h).view(), g.view());
  EXPECT_FALSE(std::isfinite(g.view()(2, 2)));
}

TEST_P(GramianTest, RefusesShapesThatDoNotFit) {
  PaddedMatrix<float> h(3, 4);
  PaddedMatrix<double> g(4, 3);
  Context ctx = context();
  EXPECT_THROW(gramian(ctx, std::as_const(h).view(), g.view()), ShapeMismatch);
}

}  // namespace
}  // namespace nextbest::test
