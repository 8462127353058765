#include <numeric>
#include <string>

#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "kernels/ops/transpose.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/random_csr.hpp"

namespace nextbest::test {
namespace {

using TransposeTest = OverBackends;
INSTANTIATE_TEST_SUITE_P(All, TransposeTest, testing::ValuesIn(backends()), BackendName());

void expect_transposed(const CsrView<float>& in, const Csr<float>& out) {
  ASSERT_EQ(out.view().rows(), in.cols);
  ASSERT_EQ(out.cols, in.rows());
  ASSERT_EQ(out.view().nnz(), in.nnz());
  ASSERT_EQ(out.values.size(), in.values.empty() ? 0u : static_cast<std::size_t>(in.nnz()));
  std::vector<Offset> at(out.indptr.begin(), out.indptr.end() - 1);
  for (Offset r = 0; r < in.rows(); ++r)
    for (Offset i = 0; i < in.row_size(r); ++i) {
      const Offset place = at[in.row(r)[i]]++;
      ASSERT_EQ(out.indices[place], r);
      if (!in.values.empty()) {
        ASSERT_EQ(out.values[place], in.row_values(r)[i]);
      }
    }
  for (Offset c = 0; c < in.cols; ++c) ASSERT_EQ(at[c], out.indptr[c + 1]);
}

TEST_P(TransposeTest, EveryShape) {
  for (const Offset rows : {0, 1, 31, 32, 33, 257})
    for (const Offset cols : {0, 1, 31, 32, 33, 101})
      for (const int threads : {1, 2, 5}) {
        SCOPED_TRACE(testing::Message() << rows << " x " << cols << ", threads " << threads << ", seed 7");
        Csr<float> in = random_csr(7, rows, cols, 6), out;
        Context ctx = context(threads);
        transpose(ctx, in.view(), out);
        expect_transposed(in.view(), out);
        in.values.resize(in.indices.size());
        std::iota(in.values.begin(), in.values.end(), 1.0F);
        transpose(ctx, in.view(), out);
        expect_transposed(in.view(), out);
      }
}

TEST_P(TransposeTest, ByHand) {
  const Csr<float> in{3, {0, 2, 2, 3}, {2, 0, 2}, {1, 2, 3}};
  Csr<float> out;
  Context ctx = context();
  transpose(ctx, in.view(), out);
  EXPECT_EQ(out.indptr, (std::vector<Offset>{0, 1, 1, 3}));
  EXPECT_EQ(out.indices, (std::vector<Code>{0, 0, 2}));
  EXPECT_EQ(out.values, (std::vector<float>{2, 1, 3}));
}

TEST_P(TransposeTest, ASliceOfRows) {
  const Csr<float> in = random_csr(11, 50, 20, 5);
  Csr<float> out;
  Context ctx = context(2);
  const CsrView<float> slice = in.view().slice(17, 40);
  transpose(ctx, slice, out);
  expect_transposed(slice, out);
}

TEST_P(TransposeTest, OneGiantRow) {
  Csr<float> in = random_csr(3, 40, 10'007, 1), out;
  in.indices.resize(in.indices.size() + 10'007);
  std::iota(in.indices.end() - 10'007, in.indices.end(), 0);
  in.indptr.push_back(static_cast<Offset>(in.indices.size()));
  Context ctx = context(5);
  transpose(ctx, in.view(), out);
  expect_transposed(in.view(), out);
}

TEST_P(TransposeTest, CodesOutsideTheColumns) {
  for (const Code bad : {-1, 3}) {
    const Csr<float> in{3, {0, 1, 2}, {1, bad}, {}};
    Csr<float> out;
    Context ctx = context(2);
    try {
      transpose(ctx, in.view(), out);
      ADD_FAILURE() << "code " << bad << " went through";
    } catch (const InvalidArgument& error) {
      EXPECT_NE(std::string(error.what()).find("row 1 holds code " + std::to_string(bad)), std::string::npos)
          << error.what();
    }
  }
}

}  // namespace
}  // namespace nextbest::test
