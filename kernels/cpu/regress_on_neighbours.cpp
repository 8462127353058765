#include "kernels/ops/regress_on_neighbours.hpp"

#include <memory>

#include "kernels/core/parallel.hpp"
#include "kernels/cpu/blas.hpp"
#include "kernels/cpu/predictor_row.hpp"

namespace nextbest::cpu {
namespace {

constexpr int kNoPlace = -1;

/// The systems of one thread.
class Regression {
 public:
  Regression(const CsrView<float>& neighbours, std::span<const float> diagonal, std::span<const float> penalty)
      : neighbours_(neighbours), diagonal_(diagonal), penalty_(penalty), place_(neighbours.cols, kNoPlace) {}

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
    }
    weights.clear();
    for (Offset p = 0; p < n; ++p) weights.emplace_back(items[p], static_cast<float>(right_[p]));
  }

 private:
  /// The Gramian of some items, both triangles, and their penalties.
  void fill(std::span<const Code> items) {
    const auto n = static_cast<Offset>(items.size());
    gramian_.assign(n * n, 0.0);
    for (Offset p = 0; p < n; ++p) place_[items[p]] = static_cast<int>(p);
    for (Offset p = 0; p < n; ++p) {
      gramian_[p * n + p] = static_cast<double>(diagonal_[items[p]]) + static_cast<double>(penalty_[items[p]]);
      const std::span<const Code> near = neighbours_.row(items[p]);
      const std::span<const float> together = neighbours_.row_values(items[p]);
      for (std::size_t i = 0; i < near.size(); ++i) {
        const int q = place_[near[i]];
        if (q != kNoPlace) gramian_[p * n + q] = gramian_[q * n + p] = static_cast<double>(together[i]);
      }
    }
    for (const Code item : items) place_[item] = kNoPlace;
  }

  const CsrView<float>& neighbours_;
  std::span<const float> diagonal_, penalty_;
  std::vector<int> place_;  ///< [items] in the system at hand
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
