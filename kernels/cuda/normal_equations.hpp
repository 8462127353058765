#pragma once

#include <functional>
#include <span>

#include "kernels/core/context.hpp"
#include "kernels/cuda/buffer.hpp"
#include "kernels/ops/ease_top_k.hpp"

namespace nextbest::cuda {

/// A = sum_u w_u x_u^T x_u + diag(penalty) on the device, factorised by cuSOLVER, and what solves with it.
class NormalEquations {
 public:
  /// x  [rows, n];  weight  [rows], or empty;  penalty  [n];  stream  must outlive it
  /// @throws DoesNotFit; NumericalError not positive definite in float
  NormalEquations(const Stream& stream, const CsrView<float>& x, std::span<const float> weight,
                  std::span<const float> penalty);

  Offset size() const { return size_; }
  /// Each of `count` vectors b [n], one behind the other, becomes A^-1 b.
  void solve(const Stream& stream, float* vectors, Offset count) const;

 private:
  Offset size_;
  Buffer<float> factor_;
};

/// What stands in a list of a solution p: weights p_i, or -p_i / p_j without i = j (regressions of every item j on all
/// others).
enum class Weighing { kSolutions, kInverse };

/// The lists of all targets, some at a time where memory is short.
/// fill(stream, begin, end, vectors)  makes their right-hand sides, [end - begin, n], which are 0 before
using FillRightSides = std::function<void(const Stream&, Offset begin, Offset end, float* vectors)>;
void list_solutions(const Context& ctx, const NormalEquations& equations, Weighing weighing, const FillRightSides& fill,
                    const PredictorLists& out);

}  // namespace nextbest::cuda
