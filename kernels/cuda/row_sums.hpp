#pragma once

#include <span>
#include <vector>

#include "kernels/cuda/buffer.hpp"

namespace nextbest::cuda {

/// Sums of sparse rows: for a target t, which some rows have,
///     s_t = sum over rows r with t of weight_r y_rt x_r
/// With y = x that is a row of the Gramian, else a right-hand side of a regression. Sums grow in the order of the rows;
/// pieces of kRowsOfPiece rows are summed side by side and then added in their order.
class RowSums {
 public:
  static constexpr Offset kRowsOfPiece = 2048;

  /// x  [rows, n];  y  [rows, targets];  weight  [rows], or empty where every row counts 1
  /// @throws InvalidArgument a code of y outside the columns
  RowSums(const Stream& stream, const CsrView<float>& x, const CsrView<float>& y, std::span<const float> weight);

  Offset size() const { return x_.view().cols; }
  /// to  [end - begin, n], 0 before: s_t for the targets [begin, end); with `lower` only the numbers up to the t-th.
  /// Waits for the stream. Temporary memory: 4 n bytes for every piece but the first of each target.
  void sum(const Stream& stream, Offset begin, Offset end, bool lower, float* to) const;

 private:
  CsrBuffer x_, by_target_;
  Buffer<float> weight_;
  std::vector<Offset> indptr_;  // of by_target_, on the host
};

}  // namespace nextbest::cuda
