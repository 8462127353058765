#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"

namespace nextbest::cpu {

/// A square matrix of which the lower triangle counts, and its parts.
class Lower {
 public:
  static constexpr Offset kTile = 256;

  explicit Lower(Offset n) : n_(n), values_(n * n, 0.0F) {}

  Offset size() const { return n_; }
  Offset tiles() const { return (n_ + kTile - 1) / kTile; }
  Offset tile_size(Offset t) const { return std::min(kTile, n_ - t * kTile); }
  float* at(Offset row, Offset column) { return values_.data() + row * n_ + column; }
  float* tile(Offset row, Offset column) { return at(row * kTile, column * kTile); }

 private:
  Offset n_;
  std::vector<float> values_;
};

/// L of L L^T = sum_u w_u x_u^T x_u + diag(penalty), which ridge regressions solve with. Sums in float, in the order of
/// the rows; the same for every number of threads. Unfinished when ctx.cancelled says yes.
/// x        [rows, n]; no values: every entry is 1
/// weight   [rows], or empty where every row counts 1
/// penalty  [n]
/// @throws NumericalError not positive definite in float
Lower factorised_gramian(Context& ctx, const CsrView<float>& x, std::span<const float> weight,
                         std::span<const float> penalty);

/// Right-hand sides, and with them the result, that are worked on at a time.
inline constexpr Offset kColumns = 128;

inline bool cancelled(const Context& ctx) {
  return ctx.cancelled && ctx.cancelled();
}

}  // namespace nextbest::cpu
