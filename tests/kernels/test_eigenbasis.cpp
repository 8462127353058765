#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "kernels/ops/eigenbasis.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/padded_matrix.hpp"

namespace nextbest::test {
namespace {

using reference::Dense;
using EigenbasisTest = OverBackends;
INSTANTIATE_TEST_SUITE_P(All, EigenbasisTest, testing::ValuesIn(backends()), BackendName());

PaddedMatrix<double> random_gramian(Offset dim, Offset rank) {
  PaddedMatrix<float> h(rank, dim);
  h.fill_random(7);
  const Dense g = reference::product(reference::transposed(h.dense()), h.dense());
  PaddedMatrix<double> out(dim, dim);
  for (Offset i = 0; i < dim; ++i)
    for (Offset j = 0; j < dim; ++j) out.view()(i, j) = g(i, j);
  return out;
}

// Both errors of a backward stable method are a small multiple of dim * 2^-53 (LAPACK Users' Guide, section 4.7);
// 8 leaves room for the reference's own roundings.
void expect_eigenbasis(const Dense& g, const Dense& q, const std::vector<double>& lambda) {
  const Offset dim = g.rows;
  double norm = 0;
  for (const double x : g.x) norm += x * x;
  const double bound = 8 * static_cast<double>(dim) * 0x1p-53;
  for (Offset i = 0; i < dim; ++i)
    for (Offset j = 0; j < dim; ++j) {
      double product = 0, overlap = 0;
      for (Offset k = 0; k < dim; ++k) {
        product += q(i, k) * lambda[k] * q(j, k);
        overlap += q(k, i) * q(k, j);
      }
      ASSERT_LE(std::abs(product - g(i, j)), bound * std::sqrt(norm));
      ASSERT_LE(std::abs(overlap - (i == j ? 1 : 0)), bound);
    }
  for (Offset k = 0; k < dim; ++k) {
    EXPECT_GE(lambda[k], 0);
    EXPECT_LE(lambda[k], lambda[std::max<Offset>(k - 1, 0)]);
    Offset largest = 0;
    for (Offset i = 1; i < dim; ++i)
      if (std::abs(q(i, k)) > std::abs(q(largest, k))) largest = i;
    EXPECT_GT(q(largest, k), 0) << "sign of column " << k;
  }
}

TEST_P(EigenbasisTest, ByHand) {
  double g[] = {2, 1, 1, 2};
  std::vector<double> lambda(2);
  Context ctx = context();
  eigenbasis(ctx, {g, 2, 2}, lambda);
  EXPECT_NEAR(lambda[0], 3, 1e-15);
  EXPECT_NEAR(lambda[1], 1, 1e-15);
  const double half = std::sqrt(.5);
  EXPECT_NEAR(g[0], half, 1e-15);
  EXPECT_NEAR(g[2], half, 1e-15);
  EXPECT_NEAR(std::abs(g[1]), half, 1e-15);
  EXPECT_EQ(g[1] > 0, g[3] < 0);
}

TEST_P(EigenbasisTest, AllSizesFullAndDeficientRank) {
  for (const Offset dim : {1, 3, 4, 64, 100, 128, 129})
    for (const Offset rank : {dim / 2, 2 * dim}) {
      SCOPED_TRACE(testing::Message() << "dim " << dim << ", rank " << rank);
      PaddedMatrix<double> g = random_gramian(dim, rank);
      const Dense before = g.dense();
      std::vector<double> lambda(dim), again(dim);
      Context one = context(1), five = context(5);
      PaddedMatrix<double> repeated = g;
      eigenbasis(one, g.view(), lambda);
      eigenbasis(five, repeated.view(), again);
      EXPECT_TRUE(g.same_bits(repeated));
      EXPECT_EQ(lambda, again);
      EXPECT_TRUE(g.padding_untouched());
      expect_eigenbasis(before, g.dense(), lambda);
    }
}

TEST_P(EigenbasisTest, NotFiniteIsAnError) {
  for (const double bad : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    PaddedMatrix<double> g = random_gramian(5, 9);
    g.view()(3, 3) = bad;
    std::vector<double> lambda(5);
    Context ctx = context();
    EXPECT_THROW(eigenbasis(ctx, g.view(), lambda), NumericalError);
  }
}

TEST_P(EigenbasisTest, RefusesShapesThatDoNotFit) {
  PaddedMatrix<double> g(4, 4), oblong(4, 3);
  std::vector<double> lambda(3);
  Context ctx = context();
  EXPECT_THROW(eigenbasis(ctx, g.view(), lambda), ShapeMismatch);
  EXPECT_THROW(eigenbasis(ctx, oblong.view(), lambda), ShapeMismatch);
}

}  // namespace
}  // namespace nextbest::test
