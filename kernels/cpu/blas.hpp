#pragma once

#include "kernels/core/types.hpp"

namespace nextbest::cpu {

/// The few routines of BLAS and LAPACK that the CPU operations use, for packed row-major matrices. They run on the
/// calling thread alone: the operations share out the work themselves, in pieces that do not depend on the number of
/// threads, and a library that split a product by its own count of threads would change the sums. Every extent must
/// be below 2^31.

/// lower triangle of G [dim, dim] = A^T A,  A [rows, dim], rows `stride` apart
void lower_gramian(const float* a, Offset rows, Offset dim, Offset stride, float* gramian);

/// C [rows, dim], rows `stride` apart = A [rows, dim] B [dim, dim]
void multiply(const float* a, const float* b, Offset rows, Offset dim, float* c, Offset stride);

/// Eigenvalues, ascending, of the symmetric A [dim, dim]; row k of A becomes the eigenvector of eigenvalue k.
/// @throws NumericalError without convergence
void symmetric_eigen(double* a, Offset dim, double* eigenvalues);

}  // namespace nextbest::cpu
