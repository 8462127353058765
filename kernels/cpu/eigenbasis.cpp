#include "kernels/ops/eigenbasis.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/core/error.hpp"
#include "kernels/cpu/blas.hpp"

namespace nextbest::cpu {
namespace {

// The sign that makes the entry of largest magnitude positive.
double sign_of(const double* vector, Offset dim) {
  Offset largest = 0;
  for (Offset i = 1; i < dim; ++i)
    if (std::abs(vector[i]) > std::abs(vector[largest])) largest = i;
  return vector[largest] < 0 ? -1.0 : 1.0;
}

}  // namespace

void eigenbasis(Context&, Matrix<double> gramian, std::span<double> eigenvalues) {
  const Offset dim = gramian.rows;
  std::vector<double> packed(dim * dim), ascending(dim);
  for (Offset r = 0; r < dim; ++r) std::copy_n(gramian.row(r), dim, packed.data() + r * dim);
  if (!std::all_of(packed.begin(), packed.end(), [](double x) { return std::isfinite(x); }))
    throw NumericalError("eigenbasis: the Gramian is not finite; the factors have grown beyond the range of floats");

  symmetric_eigen(packed.data(), dim, ascending.data());
  for (Offset k = 0; k < dim; ++k) {
    const Offset from = dim - 1 - k;
    const double* vector = packed.data() + from * dim;
    const double sign = sign_of(vector, dim);
    eigenvalues[k] = std::max(ascending[from], 0.0);
    for (Offset i = 0; i < dim; ++i) gramian(i, k) = sign * vector[i];
  }
}

}  // namespace nextbest::cpu
