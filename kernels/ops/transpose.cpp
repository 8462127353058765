#include "kernels/ops/transpose.hpp"

#include <limits>

#include "kernels/core/expects.hpp"

namespace nextbest {

void transpose(Context& ctx, const CsrView<float>& in, Csr<float>& out) {
  expects(in.cols >= 0, "transpose", "negative number of columns");
  expects(in.rows() < std::numeric_limits<Code>::max(), "transpose", "2^31 rows or more do not fit codes of 32 bits");
  if (!in.indptr.empty())
    expects(in.indptr.back() <= static_cast<Offset>(in.indices.size()), "transpose", "indices end early");
  if (!in.values.empty())
    expects_equal(static_cast<Offset>(in.values.size()), static_cast<Offset>(in.indices.size()), "transpose",
                  "number of values");
  ctx.device == Device::kCuda ? cuda::transpose(ctx, in, out) : cpu::transpose(ctx, in, out);
}

}  // namespace nextbest
