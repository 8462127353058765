#include <cmath>

#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "kernels/ops/ridge_top_k.hpp"
#include "tests/reference/regression.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/random_csr.hpp"

namespace nextbest::test {
namespace {

using RidgeTopKTest = OverBackends;
INSTANTIATE_TEST_SUITE_P(All, RidgeTopKTest, testing::ValuesIn(backends()), BackendName());

reference::Dense dense_rows(const CsrView<float>& rows) {
  reference::Dense all(rows.rows(), rows.cols);
  for (Offset r = 0; r < rows.rows(); ++r)
    for (std::size_t i = 0; i < rows.row(r).size(); ++i)
      all(r, rows.row(r)[i]) = rows.values.empty() ? 1 : rows.row_values(r)[i];
  return all;
}

/// Values and penalties whose products are exact in float.
struct RidgeCase {
  RidgeCase(std::uint64_t seed, Offset rows, Offset predictors, Offset targets)
      : x(random_csr(seed, rows, predictors, 6)), y(random_csr(seed + 1, rows, targets, 4)) {
    for (std::size_t i = 0; i < x.indices.size(); ++i) x.values.push_back(0.5F * static_cast<float>(1 + i % 3));
    for (std::size_t i = 0; i < y.indices.size(); ++i) y.values.push_back(i % 4 == 0 ? 2.0F : 1.0F);
    for (Offset i = 0; i < predictors; ++i) penalty.push_back(4 + static_cast<float>(i % 5));
  }
  reference::Dense wanted() const {
    return reference::ridge(dense_rows(x.view()), dense_rows(y.view()), {penalty.begin(), penalty.end()});
  }
  /// A float solution of n equations is off by about n roundings, times the condition of the matrix, times its size.
  double bound(const reference::Dense& wanted_weights) const {
    const reference::Dense rows = dense_rows(x.view());
    double largest = 0, size = 0;
    for (Offset i = 0; i < rows.cols; ++i) {
      double sum = penalty[i];
      for (Offset r = 0; r < rows.rows; ++r)
        for (Offset j = 0; j < rows.cols && rows(r, i) != 0; ++j) sum += rows(r, i) * rows(r, j);
      largest = std::max(largest, sum);
    }
    for (const double weight : wanted_weights.x) size = std::max(size, std::abs(weight));
    return static_cast<double>(rows.cols) * 0x1p-24 * largest / 4 * size;
  }

  Csr<float> x, y;
  std::vector<float> penalty;
};

struct RidgeLists {
  RidgeLists(Offset targets, Offset k_) : k(k_), item(targets * k, -7), weight(targets * k, -7) {}
  PredictorLists view() {
    const Offset targets = static_cast<Offset>(item.size()) / k;
    return {{item.data(), targets, k}, {weight.data(), targets, k}};
  }
  Offset k;
  std::vector<Code> item;
  std::vector<float> weight;
};

TEST_P(RidgeTopKTest, EveryTargetIsRegressedOnAllPredictors) {
  const std::pair<Offset, Offset> shapes[] = {{1, 1},   {2, 127}, {31, 129}, {64, 256},
                                              {128, 5}, {256, 3}, {257, 3},  {520, 2}};
  for (const auto& [predictors, targets] : shapes) {
    SCOPED_TRACE(testing::Message() << predictors << " predictors, " << targets << " targets");
    const RidgeCase data(static_cast<std::uint64_t>(predictors), 300, predictors, targets);
    const reference::Dense wanted = data.wanted();
    const double bound = data.bound(wanted);
    RidgeLists lists(targets, predictors);
    Context ctx = context(2);
    ridge_top_k(ctx, data.x.view(), data.y.view(), data.penalty, lists.view());
    for (Offset j = 0; j < targets; ++j) {
      std::vector<double> found(static_cast<std::size_t>(predictors), 0.0);
      for (Offset at = j * predictors; at < (j + 1) * predictors && lists.item[at] != kNoCode; ++at)
        found[lists.item[at]] = lists.weight[at];
      for (Offset i = 0; i < predictors; ++i)
        ASSERT_NEAR(found[i], wanted(i, j), bound) << "weight of " << i << " for " << j;
    }
  }
}

TEST_P(RidgeTopKTest, AnyNumberOfRowsWithOnePredictor) {
  for (const Offset rows : {2047, 2048, 2049, 4097}) {
    SCOPED_TRACE(testing::Message() << rows << " rows");
    RidgeCase data(3, rows, 3, 2);
    data.x = {3, {0}, {}, {}};
    for (Offset r = 0; r < rows; ++r) {
      if (r < 2048) data.x.indices.push_back(0);
      data.x.indices.push_back(1);
      if (r % 3 == 0) data.x.indices.push_back(2);
      data.x.indptr.push_back(static_cast<Offset>(data.x.indices.size()));
    }
    const reference::Dense wanted = data.wanted();
    RidgeLists lists(2, 3);
    Context ctx = context(2);
    ridge_top_k(ctx, data.x.view(), data.y.view(), data.penalty, lists.view());
    for (Offset at = 0; at < 6; ++at)
      ASSERT_NEAR(lists.weight[at], wanted(lists.item[at], at / 3), data.bound(wanted)) << "place " << at;
  }
}

TEST_P(RidgeTopKTest, WithoutValuesEveryEntryIsOne) {
  RidgeCase data(3, 200, 40, 30);
  std::fill(data.x.values.begin(), data.x.values.end(), 1.0F);
  std::fill(data.y.values.begin(), data.y.values.end(), 1.0F);
  RidgeLists valued(30, 9), plain(30, 9);
  Context ctx = context(2);
  ridge_top_k(ctx, data.x.view(), data.y.view(), data.penalty, valued.view());
  data.x.values.clear();
  data.y.values.clear();
  ridge_top_k(ctx, data.x.view(), data.y.view(), data.penalty, plain.view());
  EXPECT_EQ(valued.item, plain.item);
  EXPECT_EQ(valued.weight, plain.weight);
}

TEST_P(RidgeTopKTest, KeepsTheLargestAndIsTheSameForEveryNumberOfThreads) {
  const RidgeCase data(5, 900, 300, 280);
  RidgeLists one(280, 7), two(280, 7), all(280, 300);
  Context single = context(1), twice = context(2);
  ridge_top_k(single, data.x.view(), data.y.view(), data.penalty, one.view());
  ridge_top_k(twice, data.x.view(), data.y.view(), data.penalty, two.view());
  ridge_top_k(twice, data.x.view(), data.y.view(), data.penalty, all.view());
  EXPECT_EQ(one.item, two.item);
  EXPECT_EQ(one.weight, two.weight);
  for (Offset j = 0; j < 280; ++j)
    for (Offset place = 0; place < 7; ++place) EXPECT_EQ(one.item[j * 7 + place], all.item[j * 300 + place]);
}

TEST_P(RidgeTopKTest, NothingToLearnFrom) {
  const Csr<float> none{4, {0, 0, 0}, {}, {}}, targets{2, {0, 1, 2}, {0, 1}, {}}, nobody{4, {0}, {}, {}};
  const std::vector<float> penalty(4, 1);
  RidgeLists lists(2, 3);
  Context ctx = context();
  ridge_top_k(ctx, none.view(), targets.view(), penalty, lists.view());
  EXPECT_EQ(lists.item, std::vector<Code>(6, kNoCode));
  EXPECT_EQ(lists.weight, std::vector<float>(6, 0.0F));
  const Csr<float> no_targets{2, {0}, {}, {}};
  ridge_top_k(ctx, nobody.view(), no_targets.view(), penalty, lists.view());
  EXPECT_EQ(lists.item, std::vector<Code>(6, kNoCode));
}

TEST_P(RidgeTopKTest, SaysWhatDoesNotFit) {
  Context ctx = context();
  const RidgeCase data(3, 5, 4, 2);
  const Csr<float> short_one{2, {0, 0}, {}, {}};
  const std::vector<float> none(4, 0), three(3, 1);
  RidgeLists lists(2, 2), one(1, 2);
  EXPECT_THROW(ridge_top_k(ctx, data.x.view(), short_one.view(), data.penalty, lists.view()), ShapeMismatch);
  EXPECT_THROW(ridge_top_k(ctx, data.x.view(), data.y.view(), three, lists.view()), ShapeMismatch);
  EXPECT_THROW(ridge_top_k(ctx, data.x.view(), data.y.view(), none, lists.view()), InvalidArgument);
  EXPECT_THROW(ridge_top_k(ctx, data.x.view(), data.y.view(), data.penalty, one.view()), ShapeMismatch);
  Context cuda{Device::kCuda, 1, {}, {}};
  if (!backend_works(Device::kCuda)) {
    EXPECT_THROW(ridge_top_k(cuda, data.x.view(), data.y.view(), data.penalty, lists.view()), BackendNotBuilt);
  }
}

}  // namespace
}  // namespace nextbest::test
