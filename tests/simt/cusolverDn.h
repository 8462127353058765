#pragma once

#include "tests/simt/runtime.hpp"

// The part of cuSOLVER that our code calls, done by LAPACK.

enum cusolverStatus_t { CUSOLVER_STATUS_SUCCESS = 0, CUSOLVER_STATUS_INVALID_VALUE = 3 };
enum cusolverEigMode_t { CUSOLVER_EIG_MODE_NOVECTOR = 0, CUSOLVER_EIG_MODE_VECTOR = 1 };
enum cublasFillMode_t { CUBLAS_FILL_MODE_LOWER = 0, CUBLAS_FILL_MODE_UPPER = 1 };
struct cusolverDnContext {
  cudaStream_t stream = nullptr;
};
using cusolverDnHandle_t = cusolverDnContext*;

extern "C" void dsyev_(const char* jobz, const char* uplo, const int* n, double* a, const int* lda, double* w,
                       double* work, const int* lwork, int* info);
extern "C" void spotrf_(const char* uplo, const int* n, float* a, const int* lda, int* info);
extern "C" void spotrs_(const char* uplo, const int* n, const int* columns, const float* a, const int* lda, float* b,
                        const int* ldb, int* info);

inline char letter_of(cublasFillMode_t fill) {
  return fill == CUBLAS_FILL_MODE_LOWER ? 'L' : 'U';
}

inline cusolverStatus_t cusolverDnCreate(cusolverDnHandle_t* handle) {
  *handle = new cusolverDnContext;
  return CUSOLVER_STATUS_SUCCESS;
}
inline cusolverStatus_t cusolverDnDestroy(cusolverDnHandle_t handle) {
  delete handle;
  return CUSOLVER_STATUS_SUCCESS;
}
inline cusolverStatus_t cusolverDnSetStream(cusolverDnHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return CUSOLVER_STATUS_SUCCESS;
}
inline cusolverStatus_t cusolverDnDsyevd_bufferSize(cusolverDnHandle_t, cusolverEigMode_t, cublasFillMode_t, int n,
                                                    const double*, int, const double*, int* size) {
  *size = n < 1 ? 1 : 3 * n;
  return CUSOLVER_STATUS_SUCCESS;
}
inline cusolverStatus_t cusolverDnDsyevd(cusolverDnHandle_t handle, cusolverEigMode_t mode, cublasFillMode_t fill, int n,
                                         double* a, int lda, double* w, double* work, int size, int* info) {
  if (n < 0 || lda < n || size < 3 * n) return CUSOLVER_STATUS_INVALID_VALUE;
  simt::enqueue(handle->stream, [=] {
    const char job = mode == CUSOLVER_EIG_MODE_VECTOR ? 'V' : 'N', half = letter_of(fill);
    dsyev_(&job, &half, &n, a, &lda, w, work, &size, info);
  });
  return CUSOLVER_STATUS_SUCCESS;
}

inline cusolverStatus_t cusolverDnSpotrf_bufferSize(cusolverDnHandle_t, cublasFillMode_t, int, float*, int, int* size) {
  *size = 1;
  return CUSOLVER_STATUS_SUCCESS;
}
inline cusolverStatus_t cusolverDnSpotrf(cusolverDnHandle_t handle, cublasFillMode_t fill, int n, float* a, int lda,
                                         float*, int size, int* info) {
  if (n < 0 || lda < n || size < 1) return CUSOLVER_STATUS_INVALID_VALUE;
  simt::enqueue(handle->stream, [=] {
    const char half = letter_of(fill);
    spotrf_(&half, &n, a, &lda, info);
  });
  return CUSOLVER_STATUS_SUCCESS;
}
inline cusolverStatus_t cusolverDnSpotrs(cusolverDnHandle_t handle, cublasFillMode_t fill, int n, int columns,
                                         const float* a, int lda, float* b, int ldb, int* info) {
  if (n < 0 || columns < 0 || lda < n || ldb < n) return CUSOLVER_STATUS_INVALID_VALUE;
  simt::enqueue(handle->stream, [=] {
    const char half = letter_of(fill);
    spotrs_(&half, &n, &columns, a, &lda, b, &ldb, info);
  });
  return CUSOLVER_STATUS_SUCCESS;
}
