#include "kernels/ops/solve_rows.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/core/expects.hpp"

namespace nextbest {

void solve_rows(Context& ctx, const RowSystems& systems, Matrix<float> out) {
  const CsrView<float>& ratings = systems.ratings;
  expects_equal(ratings.cols, systems.factors.rows, "solve_rows", "columns of ratings");
  expects_equal(out.rows, ratings.rows(), "solve_rows", "rows of out");
  expects_equal(out.cols, systems.factors.cols, "solve_rows", "columns of out");
  expects_equal(static_cast<Offset>(systems.eigenvalues.size()), systems.factors.cols, "solve_rows",
                "number of eigenvalues");
  expects(systems.factors.stride >= systems.factors.cols && out.stride >= out.cols, "solve_rows",
          "stride below the number of columns");
  expects(ratings.values.empty() || ratings.values.size() == ratings.indices.size(), "solve_rows",
          "values are not parallel to indices");
  expects(systems.unobserved_weight >= 0 && std::isfinite(systems.unobserved_weight), "solve_rows",
          "unobserved_weight must be 0 or above");
  expects(systems.regularization > 0 && std::isfinite(systems.regularization), "solve_rows",
          "regularization must be above 0");
  expects(systems.frequency_exponent >= 0 && std::isfinite(systems.frequency_exponent), "solve_rows",
          "frequency_exponent must be 0 or above");
  expects(systems.steps >= 1, "solve_rows", "steps must be at least 1");
  expects(std::all_of(systems.eigenvalues.begin(), systems.eigenvalues.end(),
                      [](double x) { return x >= 0 && std::isfinite(x); }),
          "solve_rows", "eigenvalues must be finite and 0 or above");
  if (out.empty()) return;
  ctx.device == Device::kCuda ? cuda::solve_rows(ctx, systems, out) : cpu::solve_rows(ctx, systems, out);
}

}  // namespace nextbest
