#include "tests/reference/regression.hpp"

namespace nextbest::reference {

std::vector<double> regression(const Dense& gramian, const std::vector<double>& penalty,
                               const std::vector<std::int64_t>& predictors, std::int64_t j) {
  const auto n = static_cast<std::int64_t>(predictors.size());
  Dense a(n, n);
  std::vector<double> right;
  for (std::int64_t p = 0; p < n; ++p) {
    for (std::int64_t q = 0; q < n; ++q) a(p, q) = gramian(predictors[p], predictors[q]);
    a(p, p) += penalty[predictors[p]];
    right.push_back(gramian(predictors[p], j));
  }
  return solve(a, right);
}

Dense ridge(const Dense& x, const Dense& y, const std::vector<double>& penalty) {
  Dense a = product(transposed(x), x);
  for (std::int64_t i = 0; i < a.rows; ++i) a(i, i) += penalty[i];
  const Dense right = product(transposed(x), y);
  Dense b(x.cols, y.cols);
  for (std::int64_t j = 0; j < y.cols; ++j) {
    std::vector<double> column;
    for (std::int64_t i = 0; i < x.cols; ++i) column.push_back(right(i, j));
    column = solve(a, column);
    for (std::int64_t i = 0; i < x.cols; ++i) b(i, j) = column[i];
  }
  return b;
}

}  // namespace nextbest::reference
