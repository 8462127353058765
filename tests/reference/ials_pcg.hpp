#pragma once

#include <vector>

#include "tests/reference/ials.hpp"
#include "tests/reference/noisy.hpp"

namespace nextbest::reference {

/// `steps` steps of conjugate gradients (Saad, "Iterative methods for sparse linear systems", algorithm 9.1) on
/// ( sum c h h^T + diag(D) ) w = sum c h, preconditioned with the diagonal D + sum c h^2, from `start`; fewer when the
/// residual is 0. Number is double, or Noisy; sums run one term after the other, so in chains at least as long as
/// anybody's.
template <class Number>
std::vector<Number> conjugate_gradients(const std::vector<Rating>& row, const Dense& h, const std::vector<double>& d,
                                        const std::vector<double>& start, int steps) {
  using Vector = std::vector<Number>;
  const std::size_t dim = d.size();
  const auto dot = [&](const Vector& x, const Vector& y) {
    Number sum = 0;
    for (std::size_t k = 0; k < dim; ++k) sum += x[k] * y[k];
    return sum;
  };
  const auto apply = [&](const Vector& x) {
    Vector out(dim);
    for (const Rating& rating : row) {
      Number y = 0;
      for (std::size_t k = 0; k < dim; ++k) y += Number(h(rating.column, k)) * x[k];
      for (std::size_t k = 0; k < dim; ++k) out[k] += Number(rating.weight) * y * Number(h(rating.column, k));
    }
    for (std::size_t k = 0; k < dim; ++k) out[k] += Number(d[k]) * x[k];
    return out;
  };

  Vector w(start.begin(), start.end()), b(dim), m(d.begin(), d.end());
  for (const Rating& rating : row)
    for (std::size_t k = 0; k < dim; ++k) {
      const Number x = h(rating.column, k);
      b[k] += Number(rating.weight) * x;
      m[k] += Number(rating.weight) * x * x;
    }
  Vector r(dim), z(dim);
  const Vector aw = apply(w);
  for (std::size_t k = 0; k < dim; ++k) {
    r[k] = b[k] - aw[k];
    z[k] = r[k] / m[k];
  }
  Vector p = z;
  Number rz = dot(r, z);
  for (int step = 0; step < steps && number(rz) > 0; ++step) {
    const Vector ap = apply(p);
    const Number alpha = rz / dot(p, ap);
    for (std::size_t k = 0; k < dim; ++k) {
      w[k] = w[k] + alpha * p[k];
      r[k] = r[k] - alpha * ap[k];
      z[k] = r[k] / m[k];
    }
    const Number next = dot(r, z);
    const Number beta = next / rz;
    for (std::size_t k = 0; k < dim; ++k) p[k] = z[k] + beta * p[k];
    rz = next;
  }
  return w;
}

}  // namespace nextbest::reference
