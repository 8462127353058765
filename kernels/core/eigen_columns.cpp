#include "kernels/core/eigen_columns.hpp"

#include <algorithm>
#include <cmath>

namespace nextbest {
namespace {

// The sign that makes the entry of largest magnitude positive.
double sign_of(const double* vector, Offset dim) {
  Offset largest = 0;
  for (Offset i = 1; i < dim; ++i)
    if (std::abs(vector[i]) > std::abs(vector[largest])) largest = i;
  return vector[largest] < 0 ? -1.0 : 1.0;
}

}  // namespace

void order_eigen_columns(std::span<const double> rows, std::span<const double> ascending, Matrix<double> out,
                         std::span<double> values) {
  const Offset dim = out.rows;
  for (Offset k = 0; k < dim; ++k) {
    const Offset from = dim - 1 - k;
    const double* vector = rows.data() + from * dim;
    const double sign = sign_of(vector, dim);
    values[k] = std::max(ascending[from], 0.0);
    for (Offset i = 0; i < dim; ++i) out(i, k) = sign * vector[i];
  }
}

}  // namespace nextbest
