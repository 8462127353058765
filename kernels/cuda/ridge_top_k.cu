#include "kernels/cuda/normal_equations.hpp"
#include "kernels/cuda/row_sums.hpp"
#include "kernels/ops/ridge_top_k.hpp"

namespace nextbest::cuda {

void ridge_top_k(Context& ctx, const CsrView<float>& x, const CsrView<float>& y, std::span<const float> penalty,
                 const PredictorLists& out) {
  const Stream stream("ridge_top_k");
  const NormalEquations equations(stream, x, {}, penalty);
  const RowSums right_sides(stream, x, y, {});
  list_solutions(
      ctx, equations, Weighing::kSolutions,
      [&](const Stream& own, Offset begin, Offset end, float* vectors) {
        right_sides.sum(own, begin, end, false, vectors);
      },
      out);
}

}  // namespace nextbest::cuda
