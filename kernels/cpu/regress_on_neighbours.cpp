#include "kernels/ops/regress_on_neighbours.hpp"

#include <cmath>
#include <memory>
#include <string>

#include "kernels/core/error.hpp"
#include "kernels/core/parallel.hpp"
#include "kernels/cpu/blas.hpp"
#include "kernels/cpu/predictor_row.hpp"

namespace nextbest::cpu {
namespace {

/// The systems of one thread.
class Regression {
 public:
  Regression(const CsrView<float>& neighbours, std::span<const float> diagonal, std::span<const float> penalty)
      : neighbours_(neighbours), diagonal_(diagonal), penalty_(penalty), place_(neighbours.cols, 0) {}

  /// (item, weight) for the first `predictors` neighbours of item j.
  void solve(Offset j, Offset predictors, std::vector<std::pair<Code, float>>& weights) {
    const Offset n = std::min(predictors, neighbours_.row_size(j));
    const std::span<const Code> items = neighbours_.row(j).first(n);
    fill(items);
    bool solved = n == 0;
    while (!solved) {
      factor_ = gramian_;
      right_.assign(neighbours_.row_values(j).begin(), neighbours_.row_values(j).begin() + n);
      solved = solve_positive(factor_.data(), n, right_.data());
      for (Offset p = 0; p < n && !solved; ++p) gramian_[p * n + p] *= 2;
      if (!solved && !std::isfinite(gramian_[0]))
        throw NumericalError("regress_on_neighbours: the counts of item " + std::to_string(j) + " are not finite");
    }
    weights.clear();
    for (Offset p = 0; p < n; ++p) weights.emplace_back(items[p], static_cast<float>(right_[p]));
  }

 private:
  /// The Gramian of some items, its lower triangle, and their penalties.
  void fill(std::span<const Code> items) {
    const auto n = static_cast<Offset>(items.size());
    for (Offset p = 0; p < n; ++p) place_[items[p]] = static_cast<int>(p) + 1;
    listed_.assign(n * (n + 1), 0.0F);
    for (Offset p = 0; p < n; ++p) {
      const std::span<const Code> near = neighbours_.row(items[p]);
      const std::span<const float> together = neighbours_.row_values(items[p]);
      float* row = listed_.data() + p * (n + 1);
      for (std::size_t i = 0; i < near.size(); ++i) row[place_[near[i]]] = together[i];
    }
    for (const Code item : items) place_[item] = 0;

    gramian_.resize(n * n);
    for (Offset p = 0; p < n; ++p) {
      gramian_[p * n + p] = static_cast<double>(diagonal_[items[p]]) + static_cast<double>(penalty_[items[p]]);
      for (Offset q = 0; q < p; ++q) {
        const float own = listed_[p * (n + 1) + q + 1], other = listed_[q * (n + 1) + p + 1];
        gramian_[p * n + q] = static_cast<double>(own != 0 ? own : other);
      }
    }
  }

  const CsrView<float>& neighbours_;
  std::span<const float> diagonal_, penalty_;
  std::vector<int> place_;     ///< [items] in the system at hand, from 1; 0: none
  std::vector<float> listed_;  ///< [n, n + 1] what row p lists; column 0 takes what is no part of the system
  std::vector<double> gramian_, factor_, right_;
};

}  // namespace

void regress_on_neighbours(Context& ctx, const CsrView<float>& neighbours, std::span<const float> diagonal,
                           std::span<const float> penalty, Offset predictors, const PredictorLists& out) {
  std::vector<std::unique_ptr<Regression>> threads(ctx.threads);  // each made by the thread that uses it
  parallel_for(ctx, neighbours.rows(), 64, [&](Offset begin, Offset end, int thread) {
    if (!threads[thread]) threads[thread] = std::make_unique<Regression>(neighbours, diagonal, penalty);
    std::vector<std::pair<Code, float>> weights;
    for (Offset j = begin; j < end; ++j) {
      threads[thread]->solve(j, predictors, weights);
      write_predictors(weights, j, out);
    }
  });
}

}  // namespace nextbest::cpu
