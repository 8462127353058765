#include <cmath>

#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "kernels/ops/nearest_rows.hpp"
#include "kernels/ops/transpose.hpp"
#include "tests/reference/nearest_rows.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/random_csr.hpp"

namespace nextbest::test {
namespace {

using NearestRowsTest = OverBackends;
INSTANTIATE_TEST_SUITE_P(All, NearestRowsTest, testing::ValuesIn(backends()), BackendName());

struct NearLists {
  NearLists(Offset queries, Offset k) : row(queries * k, -7), product(queries * k, -7), k_(k) {}
  NearestRowLists view() {
    const Offset queries = static_cast<Offset>(row.size()) / k_;
    return {{row.data(), queries, k_}, {product.data(), queries, k_}};
  }
  std::vector<Code> row;
  std::vector<float> product;

 private:
  Offset k_;
};

std::vector<reference::SparseRow> rows_of(const Csr<float>& csr) {
  std::vector<reference::SparseRow> rows(csr.view().rows());
  for (Offset r = 0; r < csr.view().rows(); ++r)
    for (Offset i = 0; i < csr.view().row_size(r); ++i) rows[r][csr.view().row(r)[i]] = csr.view().row_values(r)[i];
  return rows;
}

/// Values 1 to 8: sums are exact in float, so the order of equal products shows.
void give_values(Csr<float>& csr, std::uint64_t seed, float scale = 1) {
  std::mt19937_64 random(seed);
  for (std::size_t i = 0; i < csr.indices.size(); ++i)
    csr.values.push_back(scale * static_cast<float>(1 + below(random, 8)));
}

void expect_nearest(Context ctx, const Csr<float>& queries, const Csr<float>& references,
                    const std::vector<Code>& except, Offset k) {
  Csr<float> by_column;
  transpose(ctx, references.view(), by_column);
  const Offset n = queries.view().rows();
  NearLists lists(n, k);
  nearest_rows(ctx, queries.view(), by_column.view(), except, lists.view());
  const auto query_rows = rows_of(queries), reference_rows = rows_of(references);
  for (Offset q = 0; q < n; ++q) {
    const auto near = reference::nearest_rows(query_rows[q], reference_rows, except.empty() ? -1 : except[q]);
    for (Offset place = 0; place < k; ++place) {
      SCOPED_TRACE(testing::Message() << "query " << q << ", place " << place);
      const bool listed = place < static_cast<Offset>(near.size());
      ASSERT_EQ(lists.row[q * k + place], listed ? near[place].row : kNoCode);
      ASSERT_EQ(lists.product[q * k + place], listed ? near[place].product : 0);
    }
  }
}

TEST_P(NearestRowsTest, EveryShapeAgainstTheReference) {
  for (const Offset queries : {0, 1, 16, 37})
    for (const Offset references : {0, 1, 33, 67})
      for (const Offset k : {1, 3, 200})
        for (const int threads : {1, 2}) {
          SCOPED_TRACE(testing::Message() << queries << " of " << references << ", k " << k << ", threads " << threads);
          Csr<float> q = random_csr(3, queries, 40, 6), r = random_csr(4, references, 40, 9);
          give_values(q, 5);
          give_values(r, 6);
          std::vector<Code> except(queries);
          for (Offset i = 0; i < queries; ++i) except[i] = i % 3 == 0 ? kNoCode : static_cast<Code>(i % 29);
          expect_nearest(context(threads), q, r, {}, k);
          expect_nearest(context(threads), q, r, except, k);
        }
}

TEST_P(NearestRowsTest, SumsAreThoseOfTheDefinition) {
  // Thirds are not exact in float: only the stated order of the sum gives these bits.
  Csr<float> q = random_csr(13, 20, 64, 30), r = random_csr(14, 50, 64, 30);
  give_values(q, 15, 1.0F / 3);
  give_values(r, 16, 1.0F / 7);
  Csr<float> by_column;
  Context ctx = context(2);
  transpose(ctx, r.view(), by_column);
  NearLists lists(20, 50);
  nearest_rows(ctx, q.view(), by_column.view(), {}, lists.view());
  for (std::size_t at = 0; at < lists.row.size(); ++at) {
    if (lists.row[at] == kNoCode) continue;
    const auto query = static_cast<Offset>(at / 50);
    float sum = 0;
    for (Offset i = 0; i < q.view().row_size(query); ++i) {
      const auto codes = r.view().row(lists.row[at]);
      const auto found = std::lower_bound(codes.begin(), codes.end(), q.view().row(query)[i]);
      if (found == codes.end() || *found != q.view().row(query)[i]) continue;
      const float product = q.view().row_values(query)[i] * r.view().row_values(lists.row[at])[found - codes.begin()];
      sum += product;
    }
    EXPECT_EQ(lists.product[at], sum) << "query " << query << ", row " << lists.row[at];
  }
}

TEST_P(NearestRowsTest, OneRowThatEverybodyShares) {
  Csr<float> q = random_csr(21, 40, 30, 4), r = random_csr(22, 90, 30, 3);
  r.indices.clear();
  r.indptr.assign(1, 0);
  for (Offset row = 0; row < 90; ++row) {
    for (Code c = row == 7 ? 0 : 29; c < 30; ++c) r.indices.push_back(c);  // row 7 has everything, all have 29
    r.indptr.push_back(static_cast<Offset>(r.indices.size()));
  }
  give_values(q, 23);
  give_values(r, 24);
  expect_nearest(context(2), q, r, {}, 5);
}

TEST_P(NearestRowsTest, SaysWhatDoesNotFit) {
  Context ctx = context();
  const Csr<float> queries{3, {0, 1}, {2}, {1}}, by_column{4, {0, 0, 0, 1}, {0}, {1}};
  NearLists one(1, 2), two(2, 2);
  const std::vector<Code> three{0, 0, 0};
  const Csr<float> without_values{3, {0, 1}, {2}, {}}, narrow{2, {0, 1}, {1}, {1}};
  EXPECT_THROW(nearest_rows(ctx, narrow.view(), by_column.view(), {}, one.view()), ShapeMismatch);
  EXPECT_THROW(nearest_rows(ctx, queries.view(), by_column.view(), {}, two.view()), ShapeMismatch);
  EXPECT_THROW(nearest_rows(ctx, queries.view(), by_column.view(), three, one.view()), ShapeMismatch);
  EXPECT_THROW(nearest_rows(ctx, without_values.view(), by_column.view(), {}, one.view()), InvalidArgument);
  EXPECT_THROW(nearest_rows(ctx, queries.view(), by_column.view(), {}, {{nullptr, 1, 0}, {nullptr, 1, 0}}),
               InvalidArgument);
}

}  // namespace
}  // namespace nextbest::test
