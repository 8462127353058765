#include "kernels/ops/gramian.hpp"

#include <cstdint>
#include <limits>

#include "kernels/core/expects.hpp"

namespace nextbest {

void gramian(Context& ctx, Matrix<const float> factors, Matrix<double> out) {
  expects_equal(out.rows, factors.cols, "gramian", "rows of out");
  expects_equal(out.cols, factors.cols, "gramian", "columns of out");
  expects(factors.stride >= factors.cols && out.stride >= out.cols, "gramian", "stride below the number of columns");
  expects(factors.stride <= std::numeric_limits<std::int32_t>::max(), "gramian", "stride of 2^31 or more");
  ctx.device == Device::kCuda ? cuda::gramian(ctx, factors, out) : cpu::gramian(ctx, factors, out);
}

}  // namespace nextbest
