#include "kernels/ops/eigenbasis.hpp"

#include <algorithm>
#include <vector>

#include "kernels/core/eigen_columns.hpp"
#include "kernels/cpu/blas.hpp"

namespace nextbest::cpu {

void eigenbasis(Context&, Matrix<double> gramian, std::span<double> eigenvalues) {
  const Offset dim = gramian.rows;
  std::vector<double> packed(dim * dim), ascending(dim);
  for (Offset r = 0; r < dim; ++r) std::copy_n(gramian.row(r), dim, packed.data() + r * dim);
  symmetric_eigen(packed.data(), dim, ascending.data());
  order_eigen_columns(packed, ascending, gramian, eigenvalues);
}

}  // namespace nextbest::cpu
