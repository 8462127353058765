#pragma once

#include <cstdint>
#include <vector>

namespace nextbest::reference {

/// A dense matrix of doubles, row-major.
struct Dense {
  std::int64_t rows = 0, cols = 0;
  std::vector<double> x;

  Dense() = default;
  Dense(std::int64_t rows_, std::int64_t cols_) : rows(rows_), cols(cols_), x(rows_ * cols_, 0.0) {}
  double& operator()(std::int64_t r, std::int64_t c) { return x[r * cols + c]; }
  double operator()(std::int64_t r, std::int64_t c) const { return x[r * cols + c]; }
};

Dense transposed(const Dense& a);
Dense product(const Dense& a, const Dense& b);

/// x of A x = b for a symmetric positive definite A, by Cholesky.
std::vector<double> solve(Dense a, std::vector<double> b);

}  // namespace nextbest::reference
