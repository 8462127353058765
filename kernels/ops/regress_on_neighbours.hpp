#pragma once

#include <span>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "kernels/ops/ease_top_k.hpp"

namespace nextbest {

/// The regressions of ease_top_k() for catalogues whose Gramian does not fit: item j is regressed on its own
/// `predictors` nearest items alone, and pairs of items that are nowhere listed count as never bought together (the
/// sparse approximation of Steck 2019, "Markov random fields for collaborative filtering", one item at a time):
///     (G_NN + diag(penalty_N)) b = G_Nj,  N = the first `predictors` of row j,  B_Nj = b
/// Cholesky in double. What is not listed may leave a system that is not positive definite: its diagonal is then
/// doubled until it is. With rows that list everything and `predictors` >= items - 1 this is ease_top_k(). neighbours
/// [items, items] without its diagonal; row j: G_ja of the nearest items of j, the nearest first. A pair
///             counts where one of its two rows lists it; values must agree
/// diagonal    [items] G_jj, >= 0
/// penalty     [items], > 0
/// out         [items, k], k >= 1
/// Time: items * (predictors * row length + predictors^3 / 3). Memory per thread: 4 items + 20 predictors^2 bytes. The
/// same for every number of threads. When ctx.cancelled says yes, the remaining rows are left as they were.
/// @throws ShapeMismatch, InvalidArgument; NumericalError for counts that are not finite
using RegressOnNeighbours = void(Context& ctx, const CsrView<float>& neighbours, std::span<const float> diagonal,
                                 std::span<const float> penalty, Offset predictors, const PredictorLists& out);
RegressOnNeighbours regress_on_neighbours;
namespace cpu {
RegressOnNeighbours regress_on_neighbours;
}
namespace cuda {
RegressOnNeighbours regress_on_neighbours;
}

}  // namespace nextbest
