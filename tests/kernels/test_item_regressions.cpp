#include <algorithm>
#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "kernels/ops/ease_top_k.hpp"
#include "kernels/ops/regress_on_neighbours.hpp"
#include "tests/reference/regression.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/random_csr.hpp"

namespace nextbest::test {
namespace {

using ItemRegressions = OverBackends;
INSTANTIATE_TEST_SUITE_P(All, ItemRegressions, testing::Values(Device::kCpu), BackendName());
using EaseTopKTest = OverBackends;
INSTANTIATE_TEST_SUITE_P(All, EaseTopKTest, testing::ValuesIn(backends()), BackendName());

struct Lists {
  Lists(Offset items, Offset k_) : k(k_), item(items * k, -7), weight(items * k, -7) {}
  PredictorLists view() {
    const Offset items = static_cast<Offset>(item.size()) / k;
    return {{item.data(), items, k}, {weight.data(), items, k}};
  }
  std::map<Code, double> row(Offset j) const {
    std::map<Code, double> found;
    for (Offset at = j * k; at < (j + 1) * k && item[at] != kNoCode; ++at) found[item[at]] = weight[at];
    return found;
  }

  Offset k;
  std::vector<Code> item;
  std::vector<float> weight;
};

/// Units with weights of 1/2, 1 and 3/2, whose sums are exact, and a penalty per item.
struct Case {
  Case(std::uint64_t seed, Offset units_, Offset items, Offset mean) : units(random_csr(seed, units_, items, mean)) {
    for (Offset u = 0; u < units_; ++u) weight.push_back(0.5F * static_cast<float>(1 + u % 3));
    for (Offset i = 0; i < items; ++i) penalty.push_back(4 + static_cast<float>(i % 5));
    gramian = reference::Dense(items, items);
    for (Offset u = 0; u < units_; ++u)
      for (const Code a : units.view().row(u))
        for (const Code b : units.view().row(u)) gramian(a, b) += weight[u];
  }
  Offset items() const { return units.cols; }
  std::vector<double> penalties() const { return {penalty.begin(), penalty.end()}; }
  std::vector<float> diagonal() const {
    std::vector<float> values;
    for (Offset i = 0; i < items(); ++i) values.push_back(static_cast<float>(gramian(i, i)));
    return values;
  }
  /// A float solution of n equations is off by about n roundings, times the condition of the matrix.
  double bound() const {
    double largest = 0;
    for (Offset i = 0; i < items(); ++i) {
      double sum = penalty[i];
      for (Offset j = 0; j < items(); ++j) sum += gramian(i, j);
      largest = std::max(largest, sum);
    }
    return static_cast<double>(items()) * 0x1p-24 * largest / 4;
  }
  /// Rows of the Gramian, the largest values first, at most `most` of each.
  Csr<float> neighbours(Offset most) const {
    Csr<float> lists;
    lists.cols = items();
    for (Offset j = 0; j < items(); ++j) {
      std::vector<Code> near;
      for (Code i = 0; i < items(); ++i)
        if (i != j && gramian(j, i) > 0) near.push_back(i);
      std::stable_sort(near.begin(), near.end(), [&](Code a, Code b) { return gramian(j, a) > gramian(j, b); });
      near.resize(std::min<std::size_t>(near.size(), most));
      for (const Code i : near) lists.values.push_back(static_cast<float>(gramian(j, i)));
      lists.indices.insert(lists.indices.end(), near.begin(), near.end());
      lists.indptr.push_back(static_cast<Offset>(lists.indices.size()));
    }
    return lists;
  }

  Csr<float> units;
  std::vector<float> weight, penalty;
  reference::Dense gramian;
};

std::vector<std::int64_t> all_but(Offset items, Offset j) {
  std::vector<std::int64_t> others;
  for (Offset i = 0; i < items; ++i)
    if (i != j) others.push_back(i);
  return others;
}

void expect_row(const std::map<Code, double>& row, const std::vector<std::int64_t>& predictors,
                const std::vector<double>& wanted, double bound) {
  for (std::size_t p = 0; p < predictors.size(); ++p) {
    const auto found = row.find(static_cast<Code>(predictors[p]));
    EXPECT_NEAR(found == row.end() ? 0.0 : found->second, wanted[p], bound) << "predictor " << predictors[p];
  }
}

TEST_P(EaseTopKTest, IsTheRegressionOfEveryItemOnAllOthers) {
  for (const Offset items : {1, 2, 31, 128, 129, 256, 257, 520}) {
    SCOPED_TRACE(testing::Message() << items << " items");
    const Case data(items, 300, items, 6);
    Lists lists(items, std::max<Offset>(1, items));
    Context ctx = context(2);
    ease_top_k(ctx, data.units.view(), data.weight, data.penalty, lists.view());
    for (const Offset j : {Offset{0}, items / 2, items - 1})
      expect_row(lists.row(j), all_but(items, j),
                 reference::regression(data.gramian, data.penalties(), all_but(items, j), j), data.bound());
  }
}

TEST_P(EaseTopKTest, KeepsTheLargestAndIsTheSameForEveryNumberOfThreads) {
  const Case data(5, 900, 300, 9);
  Lists one(300, 7), two(300, 7), all(300, 300);
  Context single = context(1), twice = context(2);
  ease_top_k(single, data.units.view(), data.weight, data.penalty, one.view());
  ease_top_k(twice, data.units.view(), data.weight, data.penalty, two.view());
  ease_top_k(twice, data.units.view(), data.weight, data.penalty, all.view());
  EXPECT_EQ(one.item, two.item);
  EXPECT_EQ(one.weight, two.weight);
  int negative = 0;
  for (Offset j = 0; j < 300; ++j)
    for (Offset place = 0; place < 7; ++place) {
      EXPECT_EQ(one.item[j * 7 + place], all.item[j * 300 + place]);
      negative += one.weight[j * 7 + place] < 0;
      if (place > 0 && one.item[j * 7 + place] != kNoCode) {
        EXPECT_GE(std::abs(one.weight[j * 7 + place - 1]), std::abs(one.weight[j * 7 + place]));
      }
    }
  EXPECT_GT(negative, 0) << "what speaks against an item is a large weight too";
}

TEST_P(EaseTopKTest, PenaltiesTooSmallForFloatAreAnError) {
  const Csr<float> alike{2, {0, 2, 4}, {0, 1, 0, 1}, {}};
  Lists lists(2, 1);
  Context ctx = context();
  const std::vector<float> weight(2, 0x1p25F), penalty(2, 1);
  EXPECT_THROW(ease_top_k(ctx, alike.view(), weight, penalty, lists.view()), NumericalError);
}

TEST_P(ItemRegressions, OnAllNeighboursIsEase) {
  const Case data(7, 200, 60, 5);
  Lists dense(60, 60), sparse(60, 60);
  Context ctx = context(2);
  ease_top_k(ctx, data.units.view(), data.weight, data.penalty, dense.view());
  // A neighbourhood leaves out the items never bought together, which may have small weights: let all be listed.
  Csr<float> everything;
  everything.cols = 60;
  for (Offset j = 0; j < 60; ++j) {
    for (const std::int64_t i : all_but(60, j)) {
      everything.indices.push_back(static_cast<Code>(i));
      everything.values.push_back(static_cast<float>(data.gramian(j, i)));
    }
    everything.indptr.push_back(static_cast<Offset>(everything.indices.size()));
  }
  regress_on_neighbours(ctx, everything.view(), data.diagonal(), data.penalty, 59, sparse.view());
  for (Offset j = 0; j < 60; ++j)
    for (const auto& [item, weight] : sparse.row(j)) EXPECT_NEAR(dense.row(j)[item], weight, data.bound());
}

TEST_P(ItemRegressions, NeighboursAgainstTheReference) {
  for (const Offset predictors : {1, 4, 12})
    for (const int threads : {1, 2}) {
      SCOPED_TRACE(testing::Message() << predictors << " predictors, " << threads << " threads");
      const Case data(11, 400, 90, 8);
      const Csr<float> near = data.neighbours(20);
      // What counts is the Gramian of the pairs that one of the two rows lists.
      reference::Dense listed(90, 90);
      for (Offset j = 0; j < 90; ++j) {
        listed(j, j) = data.gramian(j, j);
        for (const Code i : near.view().row(j)) listed(i, j) = listed(j, i) = data.gramian(i, j);
      }
      Lists lists(90, 12);
      Context ctx = context(threads);
      regress_on_neighbours(ctx, near.view(), data.diagonal(), data.penalty, predictors, lists.view());
      for (Offset j = 0; j < 90; ++j) {
        SCOPED_TRACE(testing::Message() << "item " << j);
        const auto codes = near.view().row(j);
        const auto n = std::min<std::size_t>(codes.size(), predictors);
        const std::vector<std::int64_t> used(codes.begin(), codes.begin() + n);
        // Double inside, rounded to float at the end.
        expect_row(lists.row(j), used, reference::regression(listed, data.penalties(), used, j), 0x1p-24 * 4);
      }
    }
}

TEST_P(ItemRegressions, WhatIsNotListedMayNotBreakTheSystem) {
  // 1, 2 and 3 are the nearest of 0; that 1 and 2 go together nobody lists. So the matrix of the three has 5 on its
  // diagonal and the eigenvalue 5 - 4 sqrt 2: the diagonal becomes 10.
  Csr<float> near{4, {0, 3, 5, 7, 7}, {1, 2, 3, 3, 0, 3, 0}, {4, 4, 4, 4, 4, 4, 4}};
  const std::vector<float> diagonal(4, 4), penalty(4, 1);
  Lists lists(4, 3);
  Context ctx = context();
  regress_on_neighbours(ctx, near.view(), diagonal, penalty, 3, lists.view());
  reference::Dense doubled(4, 4);
  for (const int i : {1, 2}) doubled(i, 3) = doubled(3, i) = 4;
  for (const int i : {1, 2, 3}) doubled(i, 0) = 4;
  expect_row(lists.row(0), {1, 2, 3}, reference::regression(doubled, {10, 10, 10, 10}, {1, 2, 3}, 0), 0x1p-22);
}

TEST_P(ItemRegressions, EndsWhereACountIsNotFinite) {
  const Csr<float> near{3, {0, 2, 4, 6}, {1, 2, 0, 2, 0, 1}, {1, 1, 1, INFINITY, 1, INFINITY}};
  const std::vector<float> diagonal(3, 2), penalty(3, 1);
  Lists lists(3, 2);
  Context ctx = context();
  EXPECT_THROW(regress_on_neighbours(ctx, near.view(), diagonal, penalty, 2, lists.view()), NumericalError);
}

TEST_P(ItemRegressions, SaysWhatDoesNotFit) {
  Context ctx = context();
  const Case data(3, 5, 4, 2);
  Lists lists(4, 2), three(3, 2);
  const std::vector<float> none(4, 0), short_one(3, 1);
  const Csr<float> near = data.neighbours(2);
  EXPECT_THROW(ease_top_k(ctx, data.units.view(), short_one, data.penalty, lists.view()), ShapeMismatch);
  EXPECT_THROW(ease_top_k(ctx, data.units.view(), data.weight, none, lists.view()), InvalidArgument);
  EXPECT_THROW(ease_top_k(ctx, data.units.view(), data.weight, data.penalty, three.view()), ShapeMismatch);
  EXPECT_THROW(regress_on_neighbours(ctx, near.view(), short_one, data.penalty, 2, lists.view()), ShapeMismatch);
  EXPECT_THROW(regress_on_neighbours(ctx, near.view(), data.diagonal(), none, 2, lists.view()), InvalidArgument);
  EXPECT_THROW(regress_on_neighbours(ctx, near.view(), data.diagonal(), data.penalty, 0, lists.view()),
               InvalidArgument);
  Context cuda{Device::kCuda, 1, {}, {}};
  if (!backend_works(Device::kCuda)) {
    EXPECT_THROW(ease_top_k(cuda, data.units.view(), data.weight, data.penalty, lists.view()), Error);
  }
  EXPECT_THROW(regress_on_neighbours(cuda, near.view(), data.diagonal(), data.penalty, 2, lists.view()), Error);
}

}  // namespace
}  // namespace nextbest::test
