#include "kernels/cpu/blas.hpp"

#include <mutex>
#include <vector>

#include "kernels/core/error.hpp"

extern "C" {
void ssyrk_(const char* uplo, const char* trans, const int* n, const int* k, const float* alpha, const float* a,
            const int* lda, const float* beta, float* c, const int* ldc);
void sgemm_(const char* transa, const char* transb, const int* m, const int* n, const int* k, const float* alpha,
            const float* a, const int* lda, const float* b, const int* ldb, const float* beta, float* c,
            const int* ldc);
void spotrf_(const char* uplo, const int* n, float* a, const int* lda, int* info);
void strsm_(const char* side, const char* uplo, const char* transa, const char* diag, const int* m, const int* n,
            const float* alpha, const float* a, const int* lda, float* b, const int* ldb);
void dposv_(const char* uplo, const int* n, const int* nrhs, double* a, const int* lda, double* b, const int* ldb,
            int* info);
void dsyevd_(const char* jobz, const char* uplo, const int* n, double* a, const int* lda, double* w, double* work,
             const int* lwork, int* iwork, const int* liwork, int* info);
// Only OpenBLAS has it; another BLAS is taken to be sequential.
__attribute__((weak)) void openblas_set_num_threads(int threads);
}

namespace nextbest::cpu {
namespace {

void use_one_blas_thread() {
  static std::once_flag done;
  std::call_once(done, [] {
    if (openblas_set_num_threads) openblas_set_num_threads(1);
  });
}

// `transposed` from the routine's side, to which L is its transpose.
void solve_triangular(const char* transposed, const float* l, Offset dim, Offset stride, float* x, Offset count,
                      Offset x_stride) {
  use_one_blas_thread();
  const int m = static_cast<int>(dim), n = static_cast<int>(count);
  const int lda = static_cast<int>(stride), ldb = static_cast<int>(x_stride);
  const float one = 1;
  strsm_("L", "U", transposed, "N", &m, &n, &one, l, &lda, x, &ldb);
}

}  // namespace

// The routines count columns first: to them a row-major matrix is its transpose.

void lower_gramian(const float* a, Offset rows, Offset dim, Offset stride, float* gramian) {
  use_one_blas_thread();
  const int n = static_cast<int>(dim), k = static_cast<int>(rows), lda = static_cast<int>(stride);
  const float one = 1, zero = 0;
  ssyrk_("U", "N", &n, &k, &one, a, &lda, &zero, gramian, &n);
}

void multiply(const float* a, Offset stride, const float* b, Offset rows, Offset dim, float* c) {
  use_one_blas_thread();
  const int m = static_cast<int>(dim), n = static_cast<int>(rows), lda = static_cast<int>(stride);
  const float one = 1, zero = 0;
  sgemm_("N", "N", &m, &n, &m, &one, b, &m, a, &lda, &zero, c, &m);
}

void cholesky(float* a, Offset dim, Offset stride) {
  use_one_blas_thread();
  const int n = static_cast<int>(dim), lda = static_cast<int>(stride);
  int info = 0;
  spotrf_("U", &n, a, &lda, &info);
  if (info != 0) throw NumericalError("cholesky: the matrix is not positive definite; a larger penalty makes it so");
}

void solve_lower(const float* l, Offset dim, Offset stride, float* x, Offset count, Offset x_stride) {
  solve_triangular("T", l, dim, stride, x, count, x_stride);
}

void solve_lower_transposed(const float* l, Offset dim, Offset stride, float* x, Offset count, Offset x_stride) {
  solve_triangular("N", l, dim, stride, x, count, x_stride);
}

void subtract_product(const float* a, Offset rows, const float* b, Offset columns, Offset inner, float* c,
                      Offset stride) {
  use_one_blas_thread();
  const int m = static_cast<int>(columns), n = static_cast<int>(rows), k = static_cast<int>(inner);
  const int ld = static_cast<int>(stride);
  const float minus = -1, one = 1;
  sgemm_("T", "N", &m, &n, &k, &minus, b, &ld, a, &ld, &one, c, &ld);
}

bool solve_positive(double* a, Offset dim, double* b) {
  use_one_blas_thread();
  const int n = static_cast<int>(dim), one = 1;
  int info = 0;
  dposv_("U", &n, &one, a, &n, b, &n, &info);
  return info == 0;
}

void symmetric_eigen(double* a, Offset dim, double* eigenvalues) {
  use_one_blas_thread();
  const int n = static_cast<int>(dim), query = -1;
  double work_size = 0;
  int iwork_size = 0, info = 0;
  dsyevd_("V", "U", &n, a, &n, eigenvalues, &work_size, &query, &iwork_size, &query, &info);
  std::vector<double> work(static_cast<std::size_t>(work_size));
  std::vector<int> iwork(iwork_size);
  const int lwork = static_cast<int>(work.size());
  dsyevd_("V", "U", &n, a, &n, eigenvalues, work.data(), &lwork, iwork.data(), &iwork_size, &info);
  if (info != 0) throw NumericalError("eigenbasis: the iteration of dsyevd did not converge");
}

}  // namespace nextbest::cpu
