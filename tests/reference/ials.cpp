#include "tests/reference/ials.hpp"

#include <cmath>

namespace nextbest::reference {
namespace {

double dot(const Dense& a, std::int64_t i, const Dense& b, std::int64_t j) {
  double sum = 0;
  for (std::int64_t k = 0; k < a.cols; ++k) sum += a(i, k) * b(j, k);
  return sum;
}

Ratings by_column(const Ratings& ratings, std::int64_t columns) {
  Ratings out(columns);
  for (std::size_t r = 0; r < ratings.size(); ++r)
    for (const Rating& rating : ratings[r]) out[rating.column].push_back({static_cast<std::int64_t>(r), rating.weight});
  return out;
}

void half_step(const Ratings& ratings, const Dense& fixed, Dense& solved, const IalsWeights& weights) {
  const Dense gramian = product(transposed(fixed), fixed);
  for (std::int64_t r = 0; r < solved.rows; ++r) {
    const NormalEquations system = normal_equations(ratings[r], fixed, gramian, weights);
    const std::vector<double> w = ratings[r].empty() ? std::vector<double>(fixed.cols, 0.0) : solve(system.a, system.b);
    for (std::int64_t k = 0; k < fixed.cols; ++k) solved(r, k) = w[k];
  }
}

}  // namespace

double frequency(const std::vector<Rating>& row, std::int64_t columns, const IalsWeights& weights) {
  double sum = weights.alpha0 * static_cast<double>(columns);
  for (const Rating& rating : row) sum += rating.weight;
  return sum;
}

NormalEquations normal_equations(const std::vector<Rating>& row, const Dense& h, const Dense& gramian,
                                 const IalsWeights& weights) {
  const double ridge = weights.lambda * std::pow(frequency(row, h.rows, weights), weights.nu);
  NormalEquations system{Dense(h.cols, h.cols), std::vector<double>(h.cols, 0.0)};
  for (std::int64_t i = 0; i < h.cols; ++i) {
    for (std::int64_t j = 0; j < h.cols; ++j) {
      system.a(i, j) = weights.alpha0 * gramian(i, j) + (i == j ? ridge : 0.0);
      for (const Rating& rating : row) system.a(i, j) += rating.weight * h(rating.column, i) * h(rating.column, j);
    }
    for (const Rating& rating : row) system.b[i] += rating.weight * h(rating.column, i);
  }
  return system;
}

double row_objective(const NormalEquations& system, const std::vector<double>& w) {
  double sum = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    sum -= 2 * system.b[i] * w[i];
    for (std::size_t j = 0; j < w.size(); ++j) sum += w[i] * system.a(i, j) * w[j];
  }
  return sum;
}

double loss(const Ratings& ratings, const Dense& users, const Dense& items, const IalsWeights& weights) {
  double sum = 0;
  for (std::int64_t u = 0; u < users.rows; ++u) {
    for (const Rating& rating : ratings[u]) {
      const double error = dot(users, u, items, rating.column) - 1;
      sum += rating.weight * error * error;
    }
    for (std::int64_t i = 0; i < items.rows; ++i) {
      const double y = dot(users, u, items, i);
      sum += weights.alpha0 * y * y;
    }
    sum += weights.lambda * std::pow(frequency(ratings[u], items.rows, weights), weights.nu) * dot(users, u, users, u);
  }
  const Ratings columns = by_column(ratings, items.rows);
  for (std::int64_t i = 0; i < items.rows; ++i)
    sum += weights.lambda * std::pow(frequency(columns[i], users.rows, weights), weights.nu) * dot(items, i, items, i);
  return sum;
}

double exact_als(const Ratings& ratings, Dense& users, Dense& items, const IalsWeights& weights, int iterations) {
  const Ratings columns = by_column(ratings, items.rows);
  for (int i = 0; i < iterations; ++i) {
    half_step(ratings, items, users, weights);
    half_step(columns, users, items, weights);
  }
  return loss(ratings, users, items, weights);
}

}  // namespace nextbest::reference
