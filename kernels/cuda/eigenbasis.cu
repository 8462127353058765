#include <string>
#include <vector>

#include "kernels/core/eigen_columns.hpp"
#include "kernels/core/error.hpp"
#include "kernels/cuda/buffer.hpp"
#include "kernels/cuda/cusolver.hpp"
#include "kernels/ops/eigenbasis.hpp"

namespace nextbest::cuda {
namespace {

/// Eigenvalues ascending; a [dim, dim] is overwritten with the eigenvectors, one after another. Returns LAPACK's info.
int symmetric_eigen(const Cusolver& solver, double* a, Offset dim, double* eigenvalues) {
  const Stream& stream = solver.stream();
  const int n = static_cast<int>(dim);
  int size = 0, info = 0;
  solver.check(cusolverDnDsyevd_bufferSize(solver.get(), CUSOLVER_EIG_MODE_VECTOR, CUBLAS_FILL_MODE_LOWER, n, a, n,
                                           eigenvalues, &size),
               "asking for the size of the workspace");
  const Buffer<double> workspace(stream, size);
  const Buffer<int> device_info(stream, 1);
  solver.check(cusolverDnDsyevd(solver.get(), CUSOLVER_EIG_MODE_VECTOR, CUBLAS_FILL_MODE_LOWER, n, a, n, eigenvalues,
                                workspace.data(), size, device_info.data()),
               "solving");
  to_host(stream, device_info.data(), std::span(&info, 1));
  stream.synchronize();
  return info;
}

}  // namespace

void eigenbasis(Context&, Matrix<double> gramian, std::span<double> eigenvalues) {
  const Offset dim = gramian.rows;
  const Stream stream("eigenbasis");
  const Buffer<double> vectors = to_device(stream, gramian), values(stream, dim);
  const int info = symmetric_eigen(Cusolver(stream), vectors.data(), dim, values.data());
  if (info != 0) throw NumericalError("eigenbasis: the iteration did not converge (info " + std::to_string(info) + ")");

  std::vector<double> packed(dim * dim), ascending(dim);
  to_host(stream, vectors.data(), std::span(packed));
  to_host(stream, values.data(), std::span(ascending));
  stream.synchronize();
  order_eigen_columns(packed, ascending, gramian, eigenvalues);
}

}  // namespace nextbest::cuda
