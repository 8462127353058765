#include <string>
#include <vector>

#include <cublas_v2.h>

#include "kernels/core/error.hpp"
#include "kernels/cuda/buffer.hpp"
#include "kernels/cuda/launch.cuh"
#include "kernels/ops/rotate.hpp"

namespace nextbest::cuda {
namespace {

constexpr Offset kChunkBytes = Offset{1} << 28;  // of factors on the device at a time, once as they come, once rotated

void check(cublasStatus_t status, const char* step) {
  if (status != CUBLAS_STATUS_SUCCESS)
    throw CudaError(std::string("rotate: ") + step + ": cuBLAS status " + std::to_string(status));
}

/// cuBLAS with its stream.
class Blas {
 public:
  explicit Blas(const Stream& stream) {
    check(cublasCreate(&handle_), "starting cuBLAS");
    check(cublasSetStream(handle_, stream.get()), "setting the stream");
  }
  ~Blas() { cublasDestroy(handle_); }
  Blas(const Blas&) = delete;
  Blas& operator=(const Blas&) = delete;

  /// C = A B, all row-major without gaps: A [rows, dim], B [dim, dim]. cuBLAS counts by columns, so it is asked for
  /// C^T = B^T A^T.
  void multiply(const float* a, const float* b, Offset rows, Offset dim, float* c) const {
    const float one = 1, zero = 0;
    const int d = static_cast<int>(dim);
    check(cublasSgemm(handle_, CUBLAS_OP_N, CUBLAS_OP_N, d, static_cast<int>(rows), d, &one, b, d, a, d, &zero, c, d),
          "multiplying");
  }

 private:
  cublasHandle_t handle_ = nullptr;
};

// Thread: one number after another. Result: out [n], rounded to nearest even.
__global__ void round_kernel(const float* in, Offset n, BFloat16* out) {
  for_each_index(n, [&](Offset i) { out[i] = BFloat16(in[i]); });
}

}  // namespace

void rotate(Context&, Matrix<float> factors, Matrix<const double> rotation, Matrix<BFloat16> rounded) {
  if (factors.empty()) return;
  const Stream stream("rotate");
  const Offset dim = factors.cols;
  std::vector<float> rotation_in_float(dim * dim);
  for (Offset r = 0; r < dim; ++r)
    for (Offset c = 0; c < dim; ++c) rotation_in_float[r * dim + c] = static_cast<float>(rotation(r, c));
  const Buffer<float> q = to_device(stream, std::span<const float>(rotation_in_float));
  const Blas blas(stream);

  const Offset chunk = std::clamp<Offset>(kChunkBytes / (dim * static_cast<Offset>(sizeof(float))), 1, factors.rows);
  const Buffer<float> rotated(stream, chunk * dim);
  const Buffer<BFloat16> halves(stream, rounded.empty() ? 0 : chunk * dim);
  for (Offset begin = 0; begin < factors.rows; begin += chunk) {
    const Offset end = std::min(factors.rows, begin + chunk), rows = end - begin;
    const Buffer<float> given = to_device(stream, factors.slice(begin, end));
    blas.multiply(given.data(), q.data(), rows, dim, rotated.data());
    to_host(stream, rotated.data(), factors.slice(begin, end));
    if (rounded.empty()) continue;
    launch(stream, "round_kernel", for_elements(device_limits(stream), rows * dim), round_kernel, rotated.data(),
           rows * dim, halves.data());
    to_host(stream, halves.data(), rounded.slice(begin, end));
  }
  stream.synchronize();
}

}  // namespace nextbest::cuda
