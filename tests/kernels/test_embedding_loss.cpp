#include <cmath>

#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "kernels/ops/embedding_loss.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/ials_case.hpp"
#include "tests/support/only_target.hpp"
#include "tests/support/padded_matrix.hpp"

namespace nextbest::test {
namespace {

using EmbeddingLossTest = OverBackends;
INSTANTIATE_TEST_SUITE_P(All, EmbeddingLossTest, testing::ValuesIn(backends()), BackendName());

TEST_P(EmbeddingLossTest, ByHand) {
  // One user, two items, one purchase with c = 2: y = (3, 1).
  Csr<float> ratings;
  ratings.cols = 2;
  ratings.indptr = {0, 1};
  ratings.indices = {0};
  ratings.values = {2};
  const float w[] = {1}, h[] = {3, 1};
  Context ctx = context();
  const double alpha0 = .5, lambda = .25;
  // 2 (3 - 1)^2 + .5 (9 + 1) + .25 ( (2 + .5 * 2) 1 + (2 + .5) 9 + (0 + .5) 1 )
  EXPECT_DOUBLE_EQ(embedding_loss(ctx, ratings.view(), {w, 1, 1}, {h, 2, 1}, {alpha0, lambda, 1}),
                   8 + 5 + .25 * (3 + 22.5 + .5));
}

// How far the part of all pairs may be off: sum_ij W_ij H_ij with both Gramians within gamma of sums of magnitudes.
double gramian_error(const PaddedMatrix<float>& users, const PaddedMatrix<float>& items) {
  const auto magnitudes = [](const PaddedMatrix<float>& x) {
    reference::Dense absolute = x.dense();
    for (double& value : absolute.x) value = std::abs(value);
    return reference::product(reference::transposed(absolute), absolute);
  };
  const reference::Dense of_users = magnitudes(users), of_items = magnitudes(items);
  double sum = 0;
  for (std::size_t i = 0; i < of_users.x.size(); ++i) sum += of_users.x[i] * of_items.x[i];
  return 2 * 128 * 0x1p-24 * 1.001 * sum;
}

// All other terms are positive but for their roundings inside y: the relative error is that of sums of at most users +
// items + nnz + dim doubles. 1e-12 is ten times that.
TEST_P(EmbeddingLossTest, EqualsTheSumOverAllPairs) {
  for (const Offset dim : {1, 3, 4, 64, 100, 128, 129})
    for (const double nu : {0.0, .5, 1.0}) {
      SCOPED_TRACE(testing::Message() << "dim " << dim << ", nu " << nu);
      const Csr<float> ratings = csr_with_lengths(3, 41, {0, 1, 40, 7, 0, 12, 3}, nu != .5);
      PaddedMatrix<float> users(7, dim), items(41, dim);
      users.fill_random(1);
      items.fill_random(2);
      const double wanted = reference::loss(to_reference(ratings.view()), users.dense(), items.dense(), {.3, .07, nu});
      Context ctx = context();
      const double loss =
          embedding_loss(ctx, ratings.view(), std::as_const(users).view(), std::as_const(items).view(), {.3, .07, nu});
      EXPECT_NEAR(loss, wanted, 1e-12 * wanted + .3 * gramian_error(users, items));
    }
}

TEST_P(EmbeddingLossTest, TheSameForEveryNumberOfThreads) {
  const Csr<float> ratings = csr_with_lengths(5, 700, std::vector<Offset>(400, 97), true);
  PaddedMatrix<float> users(400, 33), items(700, 33);
  users.fill_random(1);
  items.fill_random(2);
  std::vector<double> losses;
  for (const int threads : {1, 2, 5}) {
    Context ctx = context(threads);
    losses.push_back(
        embedding_loss(ctx, ratings.view(), std::as_const(users).view(), std::as_const(items).view(), {.1, .1, 1}));
  }
  EXPECT_EQ(losses[0], losses[1]);
  EXPECT_EQ(losses[0], losses[2]);
}

TEST(EmbeddingLossTargets, EveryInstructionSetOfThisMachineAgrees) {
  const Csr<float> ratings = csr_with_lengths(5, 50, {3, 20, 50}, true);
  PaddedMatrix<float> users(3, 37), items(50, 37);
  users.fill_random(1);
  items.fill_random(2);
  const double wanted = reference::loss(to_reference(ratings.view()), users.dense(), items.dense(), {.3, .07, 1});
  for (const std::int64_t target : machine_targets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    const OnlyTarget only(target);
    Context ctx;
    EXPECT_NEAR(
        embedding_loss(ctx, ratings.view(), std::as_const(users).view(), std::as_const(items).view(), {.3, .07, 1}),
        wanted, 1e-12 * wanted + .3 * gramian_error(users, items));
  }
}

TEST_P(EmbeddingLossTest, NothingBoughtNothingLost) {
  Csr<float> ratings;
  ratings.cols = 3;
  ratings.indptr = {0, 0, 0};
  PaddedMatrix<float> users(2, 4), items(3, 4);
  Context ctx = context();
  EXPECT_EQ(embedding_loss(ctx, ratings.view(), std::as_const(users).view(), std::as_const(items).view(), {0, .1, .5}),
            0);
}

TEST_P(EmbeddingLossTest, RefusesShapesThatDoNotFit) {
  const Csr<float> ratings = csr_with_lengths(5, 7, {1, 2}, true);
  PaddedMatrix<float> users(3, 4), items(7, 4), narrow(7, 3);
  Context ctx = context();
  EXPECT_THROW(embedding_loss(ctx, ratings.view(), std::as_const(users).view(), std::as_const(items).view(), {}),
               ShapeMismatch);
  EXPECT_THROW(
      embedding_loss(ctx, ratings.view(), std::as_const(users).view().slice(0, 2), std::as_const(narrow).view(), {}),
      ShapeMismatch);
}

}  // namespace
}  // namespace nextbest::test
