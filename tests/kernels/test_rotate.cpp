#include <cmath>

#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "kernels/ops/rotate.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/padded_matrix.hpp"

namespace nextbest::test {
namespace {

using RotateTest = OverBackends;
INSTANTIATE_TEST_SUITE_P(All, RotateTest, testing::ValuesIn(backends()), BackendName());

TEST_P(RotateTest, SwapsColumnsExactly) {
  float h[] = {1, 2, 3, 4, 5, 6};
  const double q[] = {0, 1, 1, 0};
  Context ctx = context();
  rotate(ctx, {h, 3, 2}, {q, 2, 2}, {});
  EXPECT_EQ(std::vector<float>(h, h + 6), (std::vector<float>{2, 1, 4, 3, 6, 5}));
}

TEST_P(RotateTest, WithinTheBoundForAllSizesAndTheSameForEveryNumberOfThreads) {
  for (const Offset dim : {1, 3, 4, 64, 100, 128, 129})
    for (const Offset rows : {0, 1, 127, 128, 129, 300}) {
      SCOPED_TRACE(testing::Message() << rows << " x " << dim);
      PaddedMatrix<float> h(rows, dim);
      PaddedMatrix<double> q(dim, dim);
      h.fill_random(1);
      q.fill_random(2);
      const reference::Dense before = h.dense(), rotation = q.dense();
      PaddedMatrix<float> with_two = h, with_five = h;
      PaddedMatrix<BFloat16> rounded(rows, dim, 5);
      Context one = context(1), two = context(2), five = context(5);
      rotate(one, h.view(), std::as_const(q).view(), rounded.view());
      rotate(two, with_two.view(), std::as_const(q).view(), {});
      rotate(five, with_five.view(), std::as_const(q).view(), {});
      EXPECT_TRUE(h.same_bits(with_two));
      EXPECT_TRUE(h.same_bits(with_five));
      EXPECT_TRUE(h.padding_untouched());
      EXPECT_TRUE(rounded.padding_untouched());
      const double roundings = static_cast<double>(dim + 1) * 0x1p-24, gamma = roundings / (1 - roundings);
      for (Offset r = 0; r < rows; ++r)
        for (Offset c = 0; c < dim; ++c) {
          double sum = 0, magnitude = 0;
          for (Offset k = 0; k < dim; ++k) {
            sum += before(r, k) * rotation(k, c);
            magnitude += std::abs(before(r, k) * rotation(k, c));
          }
          ASSERT_LE(std::abs(h.view()(r, c) - sum), gamma * magnitude) << r << ", " << c;
          ASSERT_EQ(rounded.view()(r, c).bits(), BFloat16(h.view()(r, c)).bits()) << r << ", " << c;
        }
    }
}

TEST_P(RotateTest, RefusesShapesThatDoNotFit) {
  PaddedMatrix<float> h(3, 4);
  PaddedMatrix<double> q(3, 3);
  Context ctx = context();
  EXPECT_THROW(rotate(ctx, h.view(), std::as_const(q).view(), {}), ShapeMismatch);
  PaddedMatrix<double> square(4, 4);
  PaddedMatrix<BFloat16> tall(4, 4), wide(3, 5);
  EXPECT_THROW(rotate(ctx, h.view(), std::as_const(square).view(), tall.view()), ShapeMismatch);
  EXPECT_THROW(rotate(ctx, h.view(), std::as_const(square).view(), wide.view()), ShapeMismatch);
}

}  // namespace
}  // namespace nextbest::test
