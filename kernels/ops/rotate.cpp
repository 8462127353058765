#include "kernels/ops/rotate.hpp"

#include <limits>

#include "kernels/core/expects.hpp"

namespace nextbest {

void rotate(Context& ctx, Matrix<float> factors, Matrix<const double> rotation, Matrix<BFloat16> rounded) {
  expects_equal(rotation.rows, factors.cols, "rotate", "rows of rotation");
  expects_equal(rotation.cols, factors.cols, "rotate", "columns of rotation");
  expects(factors.stride >= factors.cols && rotation.stride >= rotation.cols, "rotate",
          "stride below the number of columns");
  if (!rounded.empty()) {
    expects_equal(rounded.rows, factors.rows, "rotate", "rows of rounded");
    expects_equal(rounded.cols, factors.cols, "rotate", "columns of rounded");
    expects(rounded.stride >= rounded.cols, "rotate", "stride of rounded below its number of columns");
  }
  expects(factors.stride < std::numeric_limits<std::int32_t>::max(), "rotate", "stride of 2^31 or more");
  if (factors.empty()) return;
  ctx.device == Device::kCuda ? cuda::rotate(ctx, factors, rotation, rounded)
                              : cpu::rotate(ctx, factors, rotation, rounded);
}

}  // namespace nextbest
