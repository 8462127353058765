#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>

#include "kernels/core/bfloat16.hpp"
#include "kernels/core/error.hpp"
#include "kernels/core/parallel.hpp"
#include "kernels/core/philox.hpp"
#include "kernels/ops/eigenbasis.hpp"
#include "kernels/ops/embedding_loss.hpp"
#include "kernels/ops/gramian.hpp"
#include "kernels/ops/rotate.hpp"
#include "kernels/ops/solve_rows.hpp"
#include "kernels/ops/transpose.hpp"
#include "models/ials/ials.hpp"

namespace nextbest {
namespace {

constexpr std::uint64_t kCustomerStream = 1, kItemStream = 2;

void fill_normal(Context& ctx, std::uint64_t seed, std::uint64_t stream, Offset dim, std::vector<float>& factors) {
  const double stddev = 0.1 / std::sqrt(static_cast<double>(dim));
  const Context uninterrupted{ctx.device, ctx.threads, {}, {}};
  parallel_for(uninterrupted, static_cast<Offset>(factors.size()), 65'536, [&](Offset begin, Offset end, int) {
    for (Offset i = begin; i < end; ++i)
      factors[i] = static_cast<float>(stddev * philox_normal(seed, stream, static_cast<std::uint64_t>(i)));
  });
}

Matrix<float> matrix(std::vector<float>& factors, Offset dim) {
  return {factors.data(), static_cast<Offset>(factors.size()) / dim, dim};
}

void stop_if_cancelled(const Context& ctx) {
  if (ctx.cancelled && ctx.cancelled()) throw Interrupted(ExitCode::kInterrupted);
}

/// Turns both sides into the eigenbasis of the fixed side's Gramian and returns its eigenvalues. Inner products between
/// the sides do not change by that. `rounded` gets the fixed side once more, unless it is empty.
std::vector<double> turn(Context& ctx, Matrix<float> fixed, Matrix<float> other, Matrix<BFloat16> rounded) {
  const Offset dim = fixed.cols;
  std::vector<double> basis(dim * dim), eigenvalues(dim);
  const Matrix<double> rotation(basis.data(), dim, dim);
  gramian(ctx, fixed, rotation);
  eigenbasis(ctx, rotation, eigenvalues);
  rotate(ctx, fixed, rotation, rounded);
  rotate(ctx, other, rotation, {});
  return eigenvalues;
}

/// One half-step: `solved` given `fixed`. After the turn the solved side's last values are still a good start.
/// rounded  room for the fixed side in 16 bits
void half_step(Context& ctx, const CsrView<float>& ratings, const IalsParams& params, Matrix<float> fixed,
               Matrix<float> solved, std::vector<BFloat16>& rounded) {
  const Matrix<BFloat16> factors(rounded.data(), fixed.rows, fixed.cols);
  const std::vector<double> eigenvalues = turn(ctx, fixed, solved, factors);
  stop_if_cancelled(ctx);
  RowSystems systems;
  systems.ratings = ratings;
  systems.factors = factors;
  systems.eigenvalues = eigenvalues;
  systems.unobserved_weight = params.unobserved_weight;
  systems.regularization = params.regularization;
  systems.frequency_exponent = params.frequency_exponent;
  solve_rows(ctx, systems, solved);
  stop_if_cancelled(ctx);
}

/// Says in which step the numbers broke and what to do about it.
template <class Step>
void named_step(const char* side, int iteration, Step step) {
  try {
    step();
  } catch (const NumericalError& error) {
    throw NumericalError(std::string("embeddings: ") + side + " step of iteration " + std::to_string(iteration) + ": " +
                         error.what() + "; raise embeddings.regularization");
  }
}

}  // namespace

IalsFactors fit_ials(Context& ctx, const CsrView<float>& ratings, const IalsParams& params,
                     const std::function<void(int iteration, double objective)>& on_iteration) {
  params.validate();
  const Offset dim = params.factors;
  IalsFactors factors;
  factors.dim = dim;
  factors.customers.resize(ratings.rows() * dim);
  factors.items.resize(ratings.cols * dim);
  fill_normal(ctx, params.seed, kCustomerStream, dim, factors.customers);
  fill_normal(ctx, params.seed, kItemStream, dim, factors.items);
  Csr<float> by_item;
  transpose(ctx, ratings, by_item);

  const Matrix<float> customers = matrix(factors.customers, dim), items = matrix(factors.items, dim);
  std::vector<BFloat16> rounded(std::max(customers.rows, items.rows) * dim);
  const Offset rows = (customers.rows + items.rows) * params.iterations;
  Offset solved = 0;
  const auto report = [&](Offset more) {
    solved += more;
    if (ctx.progress) ctx.progress(solved, rows);
  };
  const LossParams loss{params.unobserved_weight, params.regularization, params.frequency_exponent};
  for (int iteration = 1; iteration <= params.iterations; ++iteration) {
    const auto start = std::chrono::steady_clock::now();
    named_step("customer", iteration, [&] { half_step(ctx, ratings, params, items, customers, rounded); });
    report(customers.rows);
    named_step("item", iteration, [&] { half_step(ctx, by_item.view(), params, customers, items, rounded); });
    report(items.rows);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    const double objective = embedding_loss(ctx, ratings, customers, items, loss);
    if (!std::isfinite(objective))
      throw NumericalError("embeddings: the objective of iteration " + std::to_string(iteration) +
                           " is not finite; raise embeddings.regularization");
    factors.objective.push_back(objective);
    factors.iteration_seconds.push_back(seconds.count());
    if (on_iteration) on_iteration(iteration, objective);
  }
  turn(ctx, items, customers, {});
  for (Offset c = 0; c < ratings.rows(); ++c) factors.customer_entries.push_back(ratings.row_size(c));
  return factors;
}

}  // namespace nextbest
