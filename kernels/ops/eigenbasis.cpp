#include "kernels/ops/eigenbasis.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/core/error.hpp"
#include "kernels/core/expects.hpp"

namespace nextbest {

void eigenbasis(Context& ctx, Matrix<double> gramian, std::span<double> eigenvalues) {
  expects_equal(gramian.cols, gramian.rows, "eigenbasis", "columns of gramian");
  expects_equal(static_cast<Offset>(eigenvalues.size()), gramian.rows, "eigenbasis", "number of eigenvalues");
  expects(gramian.stride >= gramian.cols, "eigenbasis", "stride below the number of columns");
  if (gramian.empty()) return;
  for (Offset r = 0; r < gramian.rows; ++r)
    if (!std::all_of(gramian.row(r), gramian.row(r) + gramian.cols, [](double x) { return std::isfinite(x); }))
      throw NumericalError("eigenbasis: the Gramian is not finite; the factors have grown beyond the range of floats");
  ctx.device == Device::kCuda ? cuda::eigenbasis(ctx, gramian, eigenvalues)
                              : cpu::eigenbasis(ctx, gramian, eigenvalues);
}

}  // namespace nextbest
