#include <bit>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include "kernels/core/error.hpp"
#include "kernels/cpu/rough_product.hpp"
#include "kernels/ops/rotate.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/only_target.hpp"
#include "tests/support/padded_matrix.hpp"

namespace nextbest::test {
namespace {

using RotateTest = OverBackends;
INSTANTIATE_TEST_SUITE_P(All, RotateTest, testing::ValuesIn(backends()), BackendName());

TEST_P(RotateTest, SwapsColumnsExactly) {
  float h[] = {1, 2, 3, 4, 5, 6};
  const double q[] = {0, 1, 1, 0};
  Context ctx = context();
  rotate(ctx, {h, 3, 2}, {q, 2, 2});
  EXPECT_EQ(std::vector<float>(h, h + 6), (std::vector<float>{2, 1, 4, 3, 6, 5}));
  rotate_roughly(ctx, {h, 3, 2}, {q, 2, 2});
  EXPECT_EQ(std::vector<float>(h, h + 6), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  BFloat16 rounded[6];
  rotate_rounded(ctx, {h, 3, 2}, {q, 2, 2}, {rounded, 3, 2});
  EXPECT_EQ(std::vector<float>(rounded, rounded + 6), (std::vector<float>{2, 1, 4, 3, 6, 5}));
}

constexpr Offset kDims[] = {1, 3, 4, 64, 100, 128, 129}, kNumbersOfRows[] = {0, 1, 127, 128, 129, 300};

struct Case {
  Case(Offset rows, Offset dim) : h(rows, dim), q(dim, dim) {
    h.fill_random(1);
    q.fill_random(2);
  }

  // |found(r, c) - (h q)(r, c)| <= share * sum |h q|
  template <class T>
  void expect_within(double share, const PaddedMatrix<T>& found) const {
    const reference::Dense before = h.dense(), rotation = q.dense();
    for (Offset r = 0; r < before.rows; ++r)
      for (Offset c = 0; c < before.cols; ++c) {
        double sum = 0, magnitude = 0;
        for (Offset k = 0; k < before.cols; ++k) {
          sum += before(r, k) * rotation(k, c);
          magnitude += std::abs(before(r, k) * rotation(k, c));
        }
        ASSERT_LE(std::abs(found.view()(r, c) - sum), share * magnitude) << r << ", " << c;
      }
  }
  double gamma() const {
    const double roundings = static_cast<double>(q.view().cols + 1) * 0x1p-24;
    return roundings / (1 - roundings);
  }
  double rough() const { return (1 + 0x1p-8) * (1 + 0x1p-8) * (1 + gamma()) - 1; }

  PaddedMatrix<float> rotated(Context ctx) const {
    PaddedMatrix<float> out = h;
    rotate(ctx, out.view(), q.view());
    return out;
  }
  PaddedMatrix<float> roughly(Context ctx) const {
    PaddedMatrix<float> out = h;
    rotate_roughly(ctx, out.view(), q.view());
    return out;
  }
  PaddedMatrix<BFloat16> rounded(Context ctx) const {
    PaddedMatrix<BFloat16> out(h.view().rows, h.view().cols, 5);
    rotate_rounded(ctx, h.view(), q.view(), out.view());
    return out;
  }

  PaddedMatrix<float> h;
  PaddedMatrix<double> q;
};

TEST_P(RotateTest, WithinTheBoundForAllSizesAndTheSameForEveryNumberOfThreads) {
  for (const Offset dim : kDims)
    for (const Offset rows : kNumbersOfRows) {
      SCOPED_TRACE(testing::Message() << rows << " x " << dim);
      const Case c(rows, dim);
      const PaddedMatrix<float> rotated = c.rotated(context(1)), roughly = c.roughly(context(1));
      const PaddedMatrix<BFloat16> rounded = c.rounded(context(1));
      for (const int threads : {2, 5}) {
        EXPECT_TRUE(rotated.same_bits(c.rotated(context(threads))));
        EXPECT_TRUE(roughly.same_bits(c.roughly(context(threads))));
        EXPECT_TRUE(rounded.same_bits(c.rounded(context(threads))));
      }
      EXPECT_TRUE(rotated.padding_untouched());
      EXPECT_TRUE(roughly.padding_untouched());
      EXPECT_TRUE(rounded.padding_untouched());
      c.expect_within(c.gamma(), rotated);
      c.expect_within(c.rough(), roughly);
      for (Offset r = 0; r < rows; ++r)
        for (Offset k = 0; k < dim; ++k)
          ASSERT_EQ(rounded.view()(r, k).bits(), BFloat16(roughly.view()(r, k)).bits()) << r << ", " << k;
    }
}

TEST(RotateTargets, EveryInstructionSetOfThisMachineIsWithinTheBound) {
  for (const std::int64_t target : machine_targets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    const OnlyTarget only(target);
    const Case c(37, 33);
    const PaddedMatrix<float> roughly = c.roughly(Context{});
    c.expect_within(c.rough(), roughly);
    EXPECT_NE(roughly.same_bits(c.rotated(Context{})), cpu::has_rough_product());
  }
}

TEST(RotateTargets, EveryInstructionSetRoundsTheSameWay) {
  std::vector<float> in{0, -0.0F, 1e-40F, 1.00390625F, 1.01171875F, 3.4e38F, INFINITY, -INFINITY, NAN};
  for (std::uint32_t i = 0; i < 100; ++i) in.push_back(std::bit_cast<float>(0x3F80'7FF0 + i));
  in.push_back(std::bit_cast<float>(0x7FFF'FFFFU));
  for (const std::int64_t target : machine_targets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    const OnlyTarget only(target);
    std::vector<std::uint16_t> out(in.size());
    cpu::round_row(in.data(), static_cast<Offset>(in.size()), out.data());
    for (std::size_t i = 0; i < in.size(); ++i) EXPECT_EQ(out[i], BFloat16(in[i]).bits()) << in[i];
  }
}

TEST_P(RotateTest, RefusesShapesThatDoNotFit) {
  PaddedMatrix<float> h(3, 4);
  PaddedMatrix<double> q(3, 3);
  Context ctx = context();
  EXPECT_THROW(rotate(ctx, h.view(), std::as_const(q).view()), ShapeMismatch);
  EXPECT_THROW(rotate_roughly(ctx, h.view(), std::as_const(q).view()), ShapeMismatch);
  PaddedMatrix<double> square(4, 4);
  PaddedMatrix<BFloat16> tall(4, 4), wide(3, 5);
  EXPECT_THROW(rotate_rounded(ctx, h.view(), std::as_const(square).view(), tall.view()), ShapeMismatch);
  EXPECT_THROW(rotate_rounded(ctx, h.view(), std::as_const(square).view(), wide.view()), ShapeMismatch);
}

}  // namespace
}  // namespace nextbest::test
