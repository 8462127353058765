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

}  // namespace nextbest::reference
