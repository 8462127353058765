#include <memory>
#include <string>
#include <vector>

#include <cublas_v2.h>

#include "kernels/core/error.hpp"
#include "kernels/cuda/buffer.hpp"
#include "kernels/cuda/chunks.hpp"
#include "kernels/cuda/launch.cuh"
#include "kernels/ops/device_bytes.hpp"
#include "kernels/ops/rotate.hpp"

namespace nextbest::cuda {
namespace {

void check(cublasStatus_t status, const char* step) {
  if (status != CUBLAS_STATUS_SUCCESS)
    throw CudaError(std::string("rotate: ") + step + ": cuBLAS status " + std::to_string(status));
}

/// cuBLAS, for one stream at a time.
class Blas {
 public:
  Blas() { check(cublasCreate(&handle_), "starting cuBLAS"); }
  ~Blas() { cublasDestroy(handle_); }
  Blas(const Blas&) = delete;
  Blas& operator=(const Blas&) = delete;

  /// C = A B, all row-major without gaps: A [rows, dim], B [dim, dim]. cuBLAS counts by columns, so it is asked for
  /// C^T = B^T A^T.
  void multiply(const Stream& stream, const float* a, const float* b, Offset rows, Offset dim, float* c) const {
    check(cublasSetStream(handle_, stream.get()), "setting the stream");
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

/// Some of the rows on their way, see in_chunks(). The product goes to either of two places, the other one is empty.
class Chunk {
 public:
  Chunk(const Blas& blas, const float* rotation, Matrix<const float> factors, Matrix<float> rotated,
        Matrix<BFloat16> rounded)
      : stream_("rotate"),
        rotated_(rotated),
        rounded_(rounded),
        given_(to_device(stream_, factors)),
        product_(stream_, factors.rows * factors.cols),
        halves_(stream_, rounded.rows * rounded.cols) {
    blas.multiply(stream_, given_.data(), rotation, factors.rows, factors.cols, product_.data());
    launch(stream_, "round_kernel", for_elements(device_limits(stream_), rounded.rows * rounded.cols), round_kernel,
           product_.data(), rounded.rows * rounded.cols, halves_.data());
  }

  void finish() {
    to_host(stream_, static_cast<const float*>(product_.data()), rotated_);
    to_host(stream_, static_cast<const BFloat16*>(halves_.data()), rounded_);
    stream_.synchronize();
  }

 private:
  Stream stream_;
  Matrix<float> rotated_;
  Matrix<BFloat16> rounded_;
  Buffer<float> given_, product_;
  Buffer<BFloat16> halves_;
};

template <class T>
Matrix<T> part_of(const Matrix<T>& out, Offset begin, Offset end) {
  return out.empty() ? out : out.slice(begin, end);
}

void rotate_to(const Context& ctx, Matrix<const float> factors, Matrix<const double> rotation, Matrix<float> rotated,
               Matrix<BFloat16> rounded) {
  if (factors.empty()) return;
  const Context to_the_end{ctx.device, ctx.threads, {}, {}};
  const Stream stream("rotate");
  const Offset dim = factors.cols;
  std::vector<float> rotation_in_float(dim * dim);
  for (Offset r = 0; r < dim; ++r)
    for (Offset c = 0; c < dim; ++c) rotation_in_float[r * dim + c] = static_cast<float>(rotation(r, c));
  const Buffer<float> q = to_device(stream, std::span<const float>(rotation_in_float));
  stream.synchronize();
  const Blas blas[2];  // for the two chunks that are under way
  int next = 0;
  in_chunks(to_the_end, factors.rows, rows_of_factors_at_a_time(dim), [&](Offset begin, Offset end) {
    next = 1 - next;
    return std::make_unique<Chunk>(blas[next], q.data(), factors.slice(begin, end), part_of(rotated, begin, end),
                                   part_of(rounded, begin, end));
  });
}

}  // namespace

void rotate(Context& ctx, Matrix<float> factors, Matrix<const double> rotation) {
  rotate_to(ctx, factors, rotation, factors, {});
}

void rotate_rounded(Context& ctx, Matrix<const float> factors, Matrix<const double> rotation,
                    Matrix<BFloat16> rounded) {
  rotate_to(ctx, factors, rotation, {}, rounded);
}

}  // namespace nextbest::cuda
