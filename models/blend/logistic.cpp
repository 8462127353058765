#include "models/blend/logistic.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/core/parallel.hpp"

namespace nextbest {
namespace {

constexpr Offset kBlockRows = 4096;
constexpr int kMostSteps = 12;
constexpr double kConverged = 1e-6;

double sigmoid(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

// Solves A x = b for a symmetric positive definite A [n, n] (its lower triangle) by Cholesky; b becomes x.
void solve(std::vector<double>& a, std::vector<double>& b) {
  const std::size_t n = b.size();
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < j; ++k)
      for (std::size_t i = j; i < n; ++i) a[i * n + j] -= a[i * n + k] * a[j * n + k];
    const double root = std::sqrt(std::max(a[j * n + j], 1e-12));
    for (std::size_t i = j; i < n; ++i) a[i * n + j] /= root;
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
}

// Gradient and lower triangle of the Hessian over some rows; the last coordinate is the intercept.
struct Sums {
  explicit Sums(std::size_t n) : gradient(n, 0.0), hessian(n * n, 0.0) {}
  std::vector<double> gradient, hessian;
};

void standardise(const Logistic& model, const float* features, std::vector<double>& x) {
  for (std::size_t f = 0; f + 1 < x.size(); ++f)
    x[f] = (features[f] - model.centre[f]) * static_cast<double>(model.scale[f]);
  x.back() = 1;
}

void add_row(const std::vector<double>& beta, const std::vector<double>& x, double label, double weight, Sums& sums) {
  const std::size_t n = x.size();
  double odds = 0;
  for (std::size_t i = 0; i < n; ++i) odds += beta[i] * x[i];
  const double p = sigmoid(odds), curve = weight * std::max(p * (1 - p), 1e-9), slope = weight * (label - p);
  for (std::size_t i = 0; i < n; ++i) {
    sums.gradient[i] += slope * x[i];
    const double part = curve * x[i];
    for (std::size_t j = 0; j <= i; ++j) sums.hessian[i * n + j] += part * x[j];
  }
}

void measure_columns(const TreeRows& rows, Logistic& model) {
  const auto n = static_cast<double>(std::max<Offset>(rows.features.rows, 1));
  for (Offset f = 0; f < rows.features.cols; ++f) {
    double sum = 0, squares = 0;
    for (Offset r = 0; r < rows.features.rows; ++r) sum += rows.features(r, f);
    const double mean = sum / n;
    for (Offset r = 0; r < rows.features.rows; ++r)
      squares += (rows.features(r, f) - mean) * (rows.features(r, f) - mean);
    const double deviation = std::sqrt(squares / n);
    model.centre.push_back(static_cast<float>(mean));
    model.scale.push_back(deviation > 1e-9 ? static_cast<float>(1 / deviation) : 0.0f);
  }
}

}  // namespace

float Logistic::score(const float* features) const {
  float sum = intercept;
  for (std::size_t f = 0; f < weight.size(); ++f) sum += weight[f] * ((features[f] - centre[f]) * scale[f]);
  return sum;
}

Logistic fit_logistic(Context& ctx, const TreeRows& rows, double ridge) {
  Logistic model;
  measure_columns(rows, model);
  const auto n = static_cast<std::size_t>(rows.features.cols) + 1;
  std::vector<double> beta(n, 0.0);
  const Offset blocks = (rows.features.rows + kBlockRows - 1) / kBlockRows;
  for (int step = 0; step < kMostSteps; ++step) {
    std::vector<Sums> parts(static_cast<std::size_t>(blocks), Sums(n));
    parallel_for(ctx, blocks, 1, [&](Offset begin, Offset end, int) {
      std::vector<double> x(n);
      for (Offset block = begin; block < end; ++block)
        for (Offset r = block * kBlockRows; r < std::min(rows.features.rows, (block + 1) * kBlockRows); ++r) {
          standardise(model, rows.features.row(r), x);
          add_row(beta, x, rows.label[r], rows.weight[r], parts[block]);
        }
    });
    Sums sum(n);
    for (const Sums& part : parts) {
      for (std::size_t i = 0; i < n; ++i) sum.gradient[i] += part.gradient[i];
      for (std::size_t i = 0; i < n * n; ++i) sum.hessian[i] += part.hessian[i];
    }
    for (std::size_t i = 0; i < n; ++i) {
      sum.gradient[i] -= i + 1 < n ? ridge * beta[i] : 0;
      sum.hessian[i * n + i] += ridge;
    }
    solve(sum.hessian, sum.gradient);
    double largest = 0;
    for (std::size_t i = 0; i < n; ++i) {
      beta[i] += std::clamp(sum.gradient[i], -4.0, 4.0);
      largest = std::max(largest, std::abs(sum.gradient[i]));
    }
    if (largest < kConverged) break;
  }
  model.weight.assign(beta.begin(), beta.end() - 1);
  model.intercept = static_cast<float>(beta.back());
  return model;
}

}  // namespace nextbest
