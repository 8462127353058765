#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>

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

/// Turns `fixed` into the eigenbasis of its Gramian and `other` by the same rotation, so that inner products between
/// them do not change. Returns the eigenvalues. `rounded` gets the fixed side once more, unless it is empty.
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
void half_step(Context& ctx, const IalsParams& params, const Side& fixed, const Side& solved,
               HugePageVector<BFloat16>& rounded) {
  const Matrix<BFloat16> factors(rounded.data(), fixed.factors.rows, fixed.factors.cols);
  const std::vector<double> eigenvalues = turn(ctx, fixed.factors, solved.iterated(), factors);
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

IalsFactors fit_ials(Context& ctx, const CsrView<float>& ratings, const IalsParams& params,
                     const std::function<void(int iteration, double objective)>& on_iteration) {
  params.validate();
  const Offset dim = params.factors;
  const IalsOrdering ordering = ials_ordering(ctx, ratings);
  const Side customers(ctx, ordering.by_customer.view(), ordering.customers, params.seed, kCustomerStream, dim);
  const Side items(ctx, ordering.by_item.view(), ordering.items, params.seed, kItemStream, dim);
  HugePageVector<BFloat16> rounded(std::max(customers.values.size(), items.values.size()));

  const Offset rows = (ratings.rows() + ratings.cols) * params.iterations;
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
    named_step("customer", iteration, [&] { half_step(ctx, params, items, customers, rounded); });
    report(ratings.rows());
    named_step("item", iteration, [&] { half_step(ctx, params, customers, items, rounded); });
    report(ratings.cols);
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
  turn(ctx, items.factors, customers.factors, {});
  factors.customers = customers.by_code();
  factors.items = items.by_code();
  for (Offset c = 0; c < ratings.rows(); ++c) factors.customer_entries.push_back(ratings.row_size(c));
  return factors;
}

}  // namespace nextbest
