#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/ops/solve_rows.hpp"
#include "tests/reference/ials_pcg.hpp"
#include "tests/support/ials_case.hpp"
#include "tests/support/padded_matrix.hpp"

namespace nextbest::test {

using reference::Dense;
using reference::IalsWeights;

/// Factors and eigenvalues at random: solve_rows takes both as they are, whether they belong together or not.
struct SolveCase {
  SolveCase(Offset items, Offset dim, const std::vector<Offset>& lengths, bool weighted)
      : ratings(csr_with_lengths(11, items, lengths, weighted)),
        factors(items, dim),
        start(static_cast<Offset>(lengths.size()), dim),
        eigenvalues(dim) {
    factors.fill_random(12);
    start.fill_random(13);
    for (Offset k = 0; k < dim; ++k) eigenvalues[k] = static_cast<double>(items) / static_cast<double>(3 + k);
  }

  RowSystems systems() const {
    return {ratings.view(), std::as_const(factors).view(), eigenvalues, weights.alpha0, weights.lambda, weights.nu,
            steps};
  }
  Dense gramian() const {
    Dense g(factors.view().cols, factors.view().cols);
    for (Offset k = 0; k < g.rows; ++k) g(k, k) = eigenvalues[k];
    return g;
  }
  PaddedMatrix<float> solved(Context ctx) const {
    PaddedMatrix<float> w = start;
    solve_rows(ctx, systems(), w.view());
    EXPECT_TRUE(w.padding_untouched());
    return w;
  }

  Csr<float> ratings;
  PaddedMatrix<float> factors, start;
  std::vector<double> eigenvalues;
  IalsWeights weights{.05, .02, 1};
  int steps = 3;
};

inline bool by_dual(Offset n, Offset dim) {
  return n <= kDualRowLimit && n < dim;
}

// A solution by Cholesky in double, rounded once. The relative error of either method is at most about dim^2 * 2^-53
// times the condition of the system (Higham 2002, section 10.1), which is at most (trace of A) / (smallest D).
inline void expect_exact(const reference::NormalEquations& system, double smallest, const float* w) {
  const auto dim = static_cast<Offset>(system.b.size());
  const std::vector<double> wanted = reference::solve(system.a, system.b);
  double trace = 0, norm = 0;
  for (Offset k = 0; k < dim; ++k) trace += system.a(k, k), norm += wanted[k] * wanted[k];
  const double in_double = 4 * static_cast<double>((dim + 16) * (dim + 16)) * 0x1p-53 * trace / smallest;
  for (Offset k = 0; k < dim; ++k)
    ASSERT_LE(std::abs(w[k] - wanted[k]), 0x1p-24 * std::abs(wanted[k]) + in_double * std::sqrt(norm)) << "dim " << k;
}

inline double distance(const std::vector<double>& x, const std::vector<double>& y) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += (x[k] - y[k]) * (x[k] - y[k]);
  return std::sqrt(sum);
}

// No further from the same steps in double than four times what noise of a float's roundoff in every operation makes
// of them in the worst of six runs. And that must be little enough to tell three steps from two.
inline void expect_steps(const SolveCase& c, const std::vector<reference::Rating>& row, const std::vector<double>& d,
                         const float* start, const float* w) {
  const Dense h = c.factors.dense();
  const std::vector<double> from(start, start + d.size()), found(w, w + d.size()), zero(d.size(), 0.0);
  const std::vector<double> wanted = reference::conjugate_gradients<double>(row, h, d, from, c.steps);
  double noise = 0;
  for (int run = 0; run < 6; ++run) {
    reference::Noisy::seed(run);
    std::vector<double> noisy;
    for (const reference::Noisy x : reference::conjugate_gradients<reference::Noisy>(row, h, d, from, c.steps))
      noisy.push_back(reference::number(x));
    noise = std::max(noise, distance(noisy, wanted));
  }
  const double norm = distance(wanted, zero);
  EXPECT_LE(distance(found, wanted), 4 * noise);
  EXPECT_LE(noise, 2e-4 * norm) << "the bound is too loose to test anything";
}

inline void expect_contract(const SolveCase& c, const PaddedMatrix<float>& w) {
  const auto rows = to_reference(c.ratings.view());
  const Offset dim = w.view().cols;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    SCOPED_TRACE(testing::Message() << "row " << r << " of " << rows[r].size() << " entries, dim " << dim);
    const float* out = w.view().row(static_cast<Offset>(r));
    if (rows[r].empty()) {
      ASSERT_TRUE(std::all_of(out, out + dim, [](float x) { return x == 0; }));
      continue;
    }
    const double ridge =
        c.weights.lambda * std::pow(reference::frequency(rows[r], c.ratings.cols, c.weights), c.weights.nu);
    std::vector<double> d;
    for (const double x : c.eigenvalues) d.push_back(c.weights.alpha0 * x + ridge);
    if (by_dual(static_cast<Offset>(rows[r].size()), dim))
      expect_exact(reference::normal_equations(rows[r], c.factors.dense(), c.gramian(), c.weights),
                   *std::min_element(d.begin(), d.end()), out);
    else
      expect_steps(c, rows[r], d, c.start.view().row(static_cast<Offset>(r)), out);
  }
}

}  // namespace nextbest::test
