#include <string>
#include <vector>

#include <cusolverDn.h>

#include "kernels/core/eigen_columns.hpp"
#include "kernels/core/error.hpp"
#include "kernels/cuda/buffer.hpp"
#include "kernels/ops/eigenbasis.hpp"

namespace nextbest::cuda {
namespace {

void check(cusolverStatus_t status, const char* step) {
  if (status != CUSOLVER_STATUS_SUCCESS)
    throw CudaError(std::string("eigenbasis: ") + step + ": cuSOLVER status " + std::to_string(status));
}

/// cuSOLVER with its stream.
class Solver {
 public:
  explicit Solver(const Stream& stream) : stream_(stream) {
    check(cusolverDnCreate(&handle_), "starting cuSOLVER");
    check(cusolverDnSetStream(handle_, stream.get()), "setting the stream");
  }
  ~Solver() { cusolverDnDestroy(handle_); }
  Solver(const Solver&) = delete;
  Solver& operator=(const Solver&) = delete;

  /// Eigenvalues ascending; a [dim, dim] is overwritten with the eigenvectors, one after another. Returns LAPACK's
  /// info.
  int symmetric_eigen(double* a, Offset dim, double* eigenvalues) const {
    const int n = static_cast<int>(dim);
    int size = 0, info = 0;
    check(cusolverDnDsyevd_bufferSize(handle_, CUSOLVER_EIG_MODE_VECTOR, CUBLAS_FILL_MODE_LOWER, n, a, n, eigenvalues,
                                      &size),
          "asking for the size of the workspace");
    const Buffer<double> workspace(stream_, size);
    const Buffer<int> device_info(stream_, 1);
    check(cusolverDnDsyevd(handle_, CUSOLVER_EIG_MODE_VECTOR, CUBLAS_FILL_MODE_LOWER, n, a, n, eigenvalues,
                           workspace.data(), size, device_info.data()),
          "solving");
    to_host(stream_, device_info.data(), std::span(&info, 1));
    stream_.synchronize();
    return info;
  }

 private:
  const Stream& stream_;
  cusolverDnHandle_t handle_ = nullptr;
};

}  // namespace

void eigenbasis(Context&, Matrix<double> gramian, std::span<double> eigenvalues) {
  const Offset dim = gramian.rows;
  const Stream stream("eigenbasis");
  const Buffer<double> vectors = to_device(stream, gramian), values(stream, dim);
  const int info = Solver(stream).symmetric_eigen(vectors.data(), dim, values.data());
  if (info != 0) throw NumericalError("eigenbasis: the iteration did not converge (info " + std::to_string(info) + ")");

  std::vector<double> packed(dim * dim), ascending(dim);
  to_host(stream, vectors.data(), std::span(packed));
  to_host(stream, values.data(), std::span(ascending));
  stream.synchronize();
  order_eigen_columns(packed, ascending, gramian, eigenvalues);
}

}  // namespace nextbest::cuda
