#include "kernels/ops/embedding_loss.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "kernels/core/error.hpp"
#include "kernels/core/parallel.hpp"
#include "kernels/cpu/weighted_errors.hpp"
#include "kernels/ops/gramian.hpp"

namespace nextbest::cpu {
namespace {

constexpr Offset kPieceEntries = 16'384;

// Rows after which a piece of about equal numbers of entries ends; follows from the ratings alone.
std::vector<Offset> piece_ends(const CsrView<float>& ratings) {
  std::vector<Offset> ends;
  Offset entries = 0;
  for (Offset r = 0; r < ratings.rows(); ++r) {
    entries += ratings.row_size(r) + 1;
    if (entries < kPieceEntries && r + 1 < ratings.rows()) continue;
    ends.push_back(r + 1);
    entries = 0;
  }
  return ends;
}

// sum_S c (w.h - 1)^2, piece by piece and then over the pieces in order.
double observed_loss(Context& ctx, const CsrView<float>& ratings, Matrix<const float> users,
                     Matrix<const float> items) {
  const std::vector<Offset> ends = piece_ends(ratings);
  std::vector<double> sums(ends.size(), 0.0);
  parallel_for(ctx, static_cast<Offset>(ends.size()), 1, [&](Offset p, Offset, int) {
    const Offset begin = p == 0 ? 0 : ends[p - 1];
    sums[p] = weighted_squared_errors(ratings.slice(begin, ends[p]), users.slice(begin, ends[p]), items);
  });
  double sum = 0;
  for (const double part : sums) sum += part;
  return sum;
}

// trace(W^T W . H^T H)
double all_pairs_loss(Context& ctx, Matrix<const float> users, Matrix<const float> items) {
  const Offset dim = users.cols;
  std::vector<double> of_users(dim * dim), of_items(dim * dim);
  cpu::gramian(ctx, users, {of_users.data(), dim, dim});
  cpu::gramian(ctx, items, {of_items.data(), dim, dim});
  return std::inner_product(of_users.begin(), of_users.end(), of_items.begin(), 0.0);
}

// sum_r f_r^nu |x_r|^2 for weights that hold sum c of the row, block by block and then over the blocks in order.
double penalty(const Context& ctx, Matrix<const float> factors, const std::vector<double>& weights, double constant,
               double exponent) {
  constexpr Offset kBlockRows = 4'096;
  std::vector<double> sums((factors.rows + kBlockRows - 1) / kBlockRows, 0.0);
  parallel_for(ctx, factors.rows, kBlockRows, [&](Offset begin, Offset end, int) {
    double& sum = sums[begin / kBlockRows];
    for (Offset r = begin; r < end; ++r) {
      double square = 0;
      for (Offset k = 0; k < factors.cols; ++k) square += static_cast<double>(factors(r, k)) * factors(r, k);
      if (square > 0) sum += std::pow(weights[r] + constant, exponent) * square;
    }
  });
  double sum = 0;
  for (const double part : sums) sum += part;
  return sum;
}

}  // namespace

double embedding_loss(Context& ctx, const CsrView<float>& ratings, Matrix<const float> users, Matrix<const float> items,
                      const LossParams& params) {
  Context uninterrupted{ctx.device, ctx.threads, {}, {}};
  std::vector<double> of_users(users.rows, 0.0), of_items(items.rows, 0.0);
  for (Offset r = 0; r < ratings.rows(); ++r) {
    const auto codes = ratings.row(r);
    const auto values = ratings.row_values(r);
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const double c = values.empty() ? 1.0 : values[i];
      of_users[r] += c;
      of_items[codes[i]] += c;
    }
  }
  const double alpha0 = params.unobserved_weight, nu = params.frequency_exponent;
  return observed_loss(uninterrupted, ratings, users, items) + alpha0 * all_pairs_loss(uninterrupted, users, items) +
         params.regularization *
             (penalty(uninterrupted, users, of_users, alpha0 * static_cast<double>(items.rows), nu) +
              penalty(uninterrupted, items, of_items, alpha0 * static_cast<double>(users.rows), nu));
}

}  // namespace nextbest::cpu
