#include "kernels/ops/rotate.hpp"

#include <limits>

#include "kernels/core/expects.hpp"

namespace nextbest {
namespace {

void check(const Matrix<const float>& factors, const Matrix<const double>& rotation) {
  expects_equal(rotation.rows, factors.cols, "rotate", "rows of rotation");
  expects_equal(rotation.cols, factors.cols, "rotate", "columns of rotation");
  expects(factors.stride >= factors.cols && rotation.stride >= rotation.cols, "rotate",
          "stride below the number of columns");
  expects(factors.stride < std::numeric_limits<std::int32_t>::max(), "rotate", "stride of 2^31 or more");
}

}  // namespace

void rotate(Context& ctx, Matrix<float> factors, Matrix<const double> rotation) {
  check(factors, rotation);
  if (factors.empty()) return;
  (ctx.device == Device::kCuda ? cuda::rotate : cpu::rotate)(ctx, factors, rotation);
}

void rotate_roughly(Context& ctx, Matrix<float> factors, Matrix<const double> rotation) {
  check(factors, rotation);
  if (factors.empty()) return;
  (ctx.device == Device::kCuda ? cuda::rotate : cpu::rotate_roughly)(ctx, factors, rotation);
}

void rotate_rounded(Context& ctx, Matrix<const float> factors, Matrix<const double> rotation,
                    Matrix<BFloat16> rounded) {
  check(factors, rotation);
  expects_equal(rounded.rows, factors.rows, "rotate", "rows of rounded");
  expects_equal(rounded.cols, factors.cols, "rotate", "columns of rounded");
  expects(rounded.stride >= rounded.cols, "rotate", "stride of rounded below its number of columns");
  if (factors.empty()) return;
  (ctx.device == Device::kCuda ? cuda::rotate_rounded : cpu::rotate_rounded)(ctx, factors, rotation, rounded);
}

}  // namespace nextbest
