#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/ops/solve_rows.hpp"
#include "tests/reference/ials_dual.hpp"
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
  PaddedMatrix<BFloat16> factors;
  PaddedMatrix<float> start;
  std::vector<double> eigenvalues;
  IalsWeights weights{.05, .02, 1};
  int steps = 3;
};

inline bool by_dual(Offset n, Offset dim) {
  return n <= kDualRowLimit && n < dim;
}

inline double distance(const std::vector<double>& x, const std::vector<double>& y) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += (x[k] - y[k]) * (x[k] - y[k]);
  return std::sqrt(sum);
}

// No further from `wanted`, calculated in double, than four times what noise of a float's roundoff in every operation
// makes of it in the worst of six runs of `noisy_run`. And that must be little enough to test anything: three steps
// from two, for one.
template <class NoisyRun>
void expect_within_noise(const std::vector<double>& wanted, const float* w, NoisyRun noisy_run) {
  double noise = 0;
  for (int run = 0; run < 6; ++run) {
    reference::Noisy::seed(run);
    std::vector<double> noisy;
    for (const reference::Noisy x : noisy_run()) noisy.push_back(reference::number(x));
    noise = std::max(noise, distance(noisy, wanted));
  }
  const std::vector<double> zero(wanted.size(), 0.0);
  EXPECT_LE(distance(std::vector<double>(w, w + wanted.size()), wanted), 4 * noise);
  EXPECT_LE(noise, 2e-4 * distance(wanted, zero)) << "the bound is too loose to test anything";
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
    const Dense h = c.factors.dense();
    if (by_dual(static_cast<Offset>(rows[r].size()), dim)) {
      const auto system = reference::normal_equations(rows[r], h, c.gramian(), c.weights);
      expect_within_noise(reference::solve(system.a, system.b), out,
                          [&] { return reference::dual<reference::Noisy>(rows[r], h, d); });
      continue;
    }
    const float* start = c.start.view().row(static_cast<Offset>(r));
    const std::vector<double> from(start, start + dim);
    expect_within_noise(reference::conjugate_gradients<double>(rows[r], h, d, from, c.steps), out,
                        [&] { return reference::conjugate_gradients<reference::Noisy>(rows[r], h, d, from, c.steps); });
  }
}

}  // namespace nextbest::test
