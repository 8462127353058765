#pragma once

#include "tests/simt/runtime.hpp"

// The part of cuBLAS that our code calls, by its definition: matrices by columns, plain sums.

enum cublasStatus_t { CUBLAS_STATUS_SUCCESS = 0, CUBLAS_STATUS_INVALID_VALUE = 7 };
enum cublasOperation_t { CUBLAS_OP_N = 0, CUBLAS_OP_T = 1 };
struct cublasContext {
  cudaStream_t stream = nullptr;
};
using cublasHandle_t = cublasContext*;

inline cublasStatus_t cublasCreate(cublasHandle_t* handle) {
  *handle = new cublasContext;
  return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasDestroy(cublasHandle_t handle) {
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return CUBLAS_STATUS_SUCCESS;
}

/// C [m, n] = alpha op(A) [m, k] op(B) [k, n] + beta C; lda, ldb, ldc elements from column to column. The factors lie on
/// the host and are read at once.
inline cublasStatus_t cublasSgemm(cublasHandle_t handle, cublasOperation_t a_op, cublasOperation_t b_op, int m, int n,
                                  int k, const float* alpha, const float* a, int lda, const float* b, int ldb,
                                  const float* beta, float* c, int ldc) {
  if (m < 0 || n < 0 || k < 0 || lda < (a_op == CUBLAS_OP_N ? m : k) || ldb < (b_op == CUBLAS_OP_N ? k : n) || ldc < m)
    return CUBLAS_STATUS_INVALID_VALUE;
  simt::enqueue(handle->stream, [=, of_product = *alpha, of_c = *beta] {
    for (std::ptrdiff_t j = 0; j < n; ++j)
      for (std::ptrdiff_t i = 0; i < m; ++i) {
        float sum = 0;
        for (std::ptrdiff_t l = 0; l < k; ++l)
          sum += a[a_op == CUBLAS_OP_N ? i + l * lda : l + i * lda] * b[b_op == CUBLAS_OP_N ? l + j * ldb : j + l * ldb];
        c[i + j * ldc] = of_product * sum + (of_c == 0 ? 0 : of_c * c[i + j * ldc]);
      }
  });
  return CUBLAS_STATUS_SUCCESS;
}
