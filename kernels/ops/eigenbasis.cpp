#include "kernels/ops/eigenbasis.hpp"

#include "kernels/core/expects.hpp"

namespace nextbest {

void eigenbasis(Context& ctx, Matrix<double> gramian, std::span<double> eigenvalues) {
  expects_equal(gramian.cols, gramian.rows, "eigenbasis", "columns of gramian");
  expects_equal(static_cast<Offset>(eigenvalues.size()), gramian.rows, "eigenbasis", "number of eigenvalues");
  expects(gramian.stride >= gramian.cols, "eigenbasis", "stride below the number of columns");
  if (gramian.empty()) return;
  ctx.device == Device::kCuda ? cuda::eigenbasis(ctx, gramian, eigenvalues)
                              : cpu::eigenbasis(ctx, gramian, eigenvalues);
}

}  // namespace nextbest
