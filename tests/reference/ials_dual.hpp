#pragma once

#include <vector>

#include "tests/reference/ials.hpp"
#include "tests/reference/noisy.hpp"

namespace nextbest::reference {

/// w = D^-1 H^T y with (H D^-1 H^T + C^-1) y = 1 by Gaussian elimination: the solution of
/// ( H^T C H + diag(D) ) w = H^T C 1 (Woodbury), H the vectors and C the weights of the row. Number is double, or
/// Noisy.
template <class Number>
std::vector<Number> dual(const std::vector<Rating>& row, const Dense& h, const std::vector<double>& d) {
  const std::size_t n = row.size(), dim = d.size();
  std::vector<std::vector<Number>> k(n, std::vector<Number>(n));
  std::vector<Number> y(n, Number(1.0)), w(dim);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t x = 0; x < dim; ++x)
        k[i][j] += Number(h(row[i].column, x)) / Number(d[x]) * Number(h(row[j].column, x));
      if (i == j) k[i][j] += Number(1.0) / Number(row[i].weight);
    }
  for (std::size_t p = 0; p < n; ++p)
    for (std::size_t i = p + 1; i < n; ++i) {
      const Number factor = k[i][p] / k[p][p];
      for (std::size_t j = p; j < n; ++j) k[i][j] = k[i][j] - factor * k[p][j];
      y[i] = y[i] - factor * y[p];
    }
  for (std::size_t p = n; p-- > 0;) {
    for (std::size_t j = p + 1; j < n; ++j) y[p] = y[p] - k[p][j] * y[j];
    y[p] = y[p] / k[p][p];
  }
  for (std::size_t x = 0; x < dim; ++x) {
    for (std::size_t i = 0; i < n; ++i) w[x] += y[i] * Number(h(row[i].column, x));
    w[x] = w[x] / Number(d[x]);
  }
  return w;
}

}  // namespace nextbest::reference
