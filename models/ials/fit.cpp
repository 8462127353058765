#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <utility>

#include "kernels/core/bfloat16.hpp"
#include "kernels/core/error.hpp"
#include "kernels/core/huge_pages.hpp"
#include "kernels/core/parallel.hpp"
#include "kernels/core/philox.hpp"
#include "kernels/ops/eigenbasis.hpp"
#include "kernels/ops/embedding_loss.hpp"
#include "kernels/ops/gramian.hpp"
#include "kernels/ops/rotate.hpp"
#include "kernels/ops/solve_rows.hpp"
#include "models/ials/ials.hpp"
#include "models/ials/ordering.hpp"

namespace nextbest {
namespace {

constexpr std::uint64_t kCustomerStream = 1, kItemStream = 2;

/// One side while it is fitted: rows in the order of IalsOrdering, ascending in their numbers of ratings.
struct Side {
  Side(Context& ctx, const CsrView<float>& rows, const std::vector<Code>& order, std::uint64_t seed,
       std::uint64_t stream, Offset dim)
      : ratings(rows), codes(order), values(codes.size() * dim), factors(values.data(), ratings.rows(), dim) {
    const double stddev = 0.1 / std::sqrt(static_cast<double>(dim));
    const Context uninterrupted{ctx.device, ctx.threads, {}, {}};
    parallel_for(uninterrupted, factors.rows, 1024, [&](Offset begin, Offset end, int) {
      for (Offset r = begin; r < end; ++r)
        for (Offset k = 0; k < dim; ++k)
          factors(r, k) =
              static_cast<float>(stddev * philox_normal(seed, stream, static_cast<std::uint64_t>(codes[r] * dim + k)));
    });
  }

  /// Rows whose last values are the start of their next solution. The others are solved directly.
  Matrix<float> iterated() const {
    Offset first = 0;
    while (first < factors.rows && ratings.row_size(first) <= std::min(kDualRowLimit, factors.cols - 1)) ++first;
    return factors.slice(first, factors.rows);
  }

  /// [rows, dim] in the order of codes.
  std::vector<float> by_code() const {
    std::vector<float> out(values.size());
    for (Offset r = 0; r < factors.rows; ++r)
      std::copy_n(factors.row(r), factors.cols, out.data() + codes[r] * factors.cols);
    return out;
  }

  CsrView<float> ratings;
  const std::vector<Code>& codes;
  HugePageVector<float> values;
  Matrix<float> factors;
};

void stop_if_cancelled(const Context& ctx) {
  if (ctx.cancelled && ctx.cancelled()) throw Interrupted(ExitCode::kInterrupted);
}

/// A rotation of the space in which the factors stand.
struct Turn {
  explicit Turn(Offset dim_) : dim(dim_), values(dim * dim) {}
  Matrix<double> matrix() { return {values.data(), dim, dim}; }
  Matrix<const double> matrix() const { return {values.data(), dim, dim}; }

  Offset dim;
  std::vector<double> values;  // [dim, dim]
};

Turn back(const Turn& turn) {
  Turn out(turn.dim);
  for (Offset i = 0; i < turn.dim; ++i)
    for (Offset j = 0; j < turn.dim; ++j) out.matrix()(j, i) = turn.matrix()(i, j);
  return out;
}

Turn one_after_the_other(const Context& ctx, const Turn& one, const Turn& other) {
  Turn out(one.dim);
  const Context uninterrupted{ctx.device, ctx.threads, {}, {}};
  parallel_for(uninterrupted, one.dim, 8, [&](Offset begin, Offset end, int) {
    for (Offset i = begin; i < end; ++i)
      for (Offset k = 0; k < one.dim; ++k)
        for (Offset j = 0; j < one.dim; ++j) out.matrix()(i, j) += one.matrix()(i, k) * other.matrix()(k, j);
  });
  return out;
}

/// Into the eigenbasis of the Gramian of `fixed`.
Turn to_eigenbasis(Context& ctx, Matrix<const float> fixed, std::vector<double>& eigenvalues) {
  Turn turn(fixed.cols);
  eigenvalues.resize(fixed.cols);
  gramian(ctx, fixed, turn.matrix());
  eigenbasis(ctx, turn.matrix(), eigenvalues);
  return turn;
}

/// One half-step: `solved` given `fixed`, which stays as it is. The solution stands in the eigenbasis of the fixed
/// side, and so does its start, the last solution after a turn. Returns the turn of the fixed side that leads there.
/// earlier  leads from where `solved` stands to where `fixed` does; null: they stand in the same basis
/// rounded  room for the fixed side in 16 bits
Turn half_step(Context& ctx, const IalsParams& params, const Side& fixed, const Side& solved, const Turn* earlier,
               HugePageVector<BFloat16>& rounded) {
  const Matrix<BFloat16> factors(rounded.data(), fixed.factors.rows, fixed.factors.cols);
  std::vector<double> eigenvalues;
  Turn turn = to_eigenbasis(ctx, fixed.factors, eigenvalues);
  rotate_rounded(ctx, fixed.factors, turn.matrix(), factors);
  const Turn of_solved = earlier ? one_after_the_other(ctx, *earlier, turn) : turn;
  rotate_roughly(ctx, solved.iterated(), of_solved.matrix());
  stop_if_cancelled(ctx);
  RowSystems systems;
  systems.ratings = solved.ratings;
  systems.factors = factors;
  systems.eigenvalues = eigenvalues;
  systems.unobserved_weight = params.unobserved_weight;
  systems.regularization = params.regularization;
  systems.frequency_exponent = params.frequency_exponent;
  solve_rows(ctx, systems, solved.factors);
  stop_if_cancelled(ctx);
  return turn;
}

/// Says in which step the numbers broke and what to do about it.
template <class Step>
void named_step(const char* side, int iteration, Step step) {
  try {
    step();
  } catch (const NumericalError& error) {
    throw NumericalError(std::string("embeddings: ") + side + " step of iteration " + std::to_string(iteration) + ": " +
                         error.what() + " (rows by their numbers of entries); raise embeddings.regularization");
  }
}

}  // namespace

IalsFactors fit_ials(Context& ctx, Csr<float> ratings, const IalsParams& params,
                     const std::function<void(int iteration, double objective)>& on_iteration) {
  params.validate();
  const Offset dim = params.factors;
  IalsOrdering ordering = ials_ordering(ctx, std::move(ratings));
  const Side customers(ctx, ordering.by_customer.view(), ordering.customers, params.seed, kCustomerStream, dim);
  const Side items(ctx, ordering.by_item.view(), ordering.items, params.seed, kItemStream, dim);
  HugePageVector<BFloat16> rounded(std::max(customers.values.size(), items.values.size()));

  const Offset rows = (customers.factors.rows + items.factors.rows) * params.iterations;
  Offset solved = 0;
  const auto report = [&](Offset more) {
    solved += more;
    if (ctx.progress) ctx.progress(solved, rows);
  };
  IalsFactors factors;
  factors.dim = dim;
  const LossParams loss{params.unobserved_weight, params.regularization, params.frequency_exponent};
  for (int iteration = 1; iteration <= params.iterations; ++iteration) {
    const auto start = std::chrono::steady_clock::now();
    Turn turn(dim);  // between the two half-steps, from the basis of the items to that of the customers
    named_step("customer", iteration, [&] { turn = half_step(ctx, params, items, customers, nullptr, rounded); });
    report(customers.factors.rows);
    named_step("item", iteration, [&] {
      const Turn there = half_step(ctx, params, customers, items, &turn, rounded);
      rotate(ctx, items.factors, back(there).matrix());
    });
    report(items.factors.rows);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    const double objective = embedding_loss(ctx, customers.ratings, customers.factors, items.factors, loss);
    if (!std::isfinite(objective))
      throw NumericalError("embeddings: the objective of iteration " + std::to_string(iteration) +
                           " is not finite; raise embeddings.regularization");
    factors.objective.push_back(objective);
    factors.iteration_seconds.push_back(seconds.count());
    if (on_iteration) on_iteration(iteration, objective);
  }
  rounded = {};
  factors.customer_entries.resize(ordering.customers.size());
  for (Offset r = 0; r < customers.factors.rows; ++r)
    factors.customer_entries[ordering.customers[r]] = customers.ratings.row_size(r);
  ordering.by_customer = {};
  ordering.by_item = {};
  std::vector<double> eigenvalues;
  const Turn turn = to_eigenbasis(ctx, items.factors, eigenvalues);
  rotate(ctx, items.factors, turn.matrix());
  rotate(ctx, customers.factors, turn.matrix());
  factors.customers = customers.by_code();
  factors.items = items.by_code();
  return factors;
}

}  // namespace nextbest
