#pragma once

#include "kernels/core/types.hpp"

namespace nextbest::cpu {

/// The few routines of BLAS and LAPACK that the CPU operations use, for packed row-major matrices. They run on the
/// calling thread alone: the operations share out the work themselves, in pieces that do not depend on the number of
/// threads, and a library that split a product by its own count of threads would change the sums. Every extent must
/// be below 2^31.

/// lower triangle of G [dim, dim] = A^T A,  A [rows, dim], rows `stride` apart
void lower_gramian(const float* a, Offset rows, Offset dim, Offset stride, float* gramian);

/// C [rows, dim] = A [rows, dim], rows `stride` apart, B [dim, dim]
void multiply(const float* a, Offset stride, const float* b, Offset rows, Offset dim, float* c);

/// The lower triangle of A [dim, dim], rows `stride` apart, becomes L with A = L L^T; what lies above it is not read.
/// @throws NumericalError when A is not positive definite
void cholesky(float* a, Offset dim, Offset stride);

/// Each of `count` vectors x [dim], `x_stride` apart, becomes L^-1 x, or L^-T x, with L [dim, dim] as cholesky() leaves
/// it.
void solve_lower(const float* l, Offset dim, Offset stride, float* x, Offset count, Offset x_stride);
void solve_lower_transposed(const float* l, Offset dim, Offset stride, float* x, Offset count, Offset x_stride);

/// C [rows, columns] -= A [rows, inner] B [columns, inner]^T; rows of all three lie `stride` apart.
void subtract_product(const float* a, Offset rows, const float* b, Offset columns, Offset inner, float* c,
                      Offset stride);

/// Solves A x = b for a symmetric A [dim, dim] of which both triangles are given; x takes the place of b, and A is
/// overwritten. False, with both in an unknown state, when A is not positive definite.
bool solve_positive(double* a, Offset dim, double* b);

/// Eigenvalues, ascending, of the symmetric A [dim, dim]; row k of A becomes the eigenvector of eigenvalue k.
/// @throws NumericalError without convergence
void symmetric_eigen(double* a, Offset dim, double* eigenvalues);

}  // namespace nextbest::cpu
