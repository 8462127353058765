#include "kernels/ops/rotate.hpp"

#include <algorithm>
#include <vector>

#include "kernels/core/parallel.hpp"
#include "kernels/cpu/blas.hpp"

namespace nextbest::cpu {

void rotate(Context& ctx, Matrix<float> factors, Matrix<const double> rotation, Matrix<BFloat16> rounded) {
  constexpr Offset kBlockRows = 128;
  const Offset dim = factors.cols;
  std::vector<float> q(dim * dim);
  for (Offset r = 0; r < dim; ++r) std::copy_n(rotation.row(r), dim, q.data() + r * dim);

  const Context uninterrupted{ctx.device, ctx.threads, {}, {}};  // half-rotated factors are of no use
  std::vector<std::vector<float>> copies(std::max(ctx.threads, 1));
  parallel_for(uninterrupted, factors.rows, kBlockRows, [&](Offset begin, Offset end, int thread) {
    std::vector<float>& copy = copies[thread];
    copy.resize(kBlockRows * dim);
    for (Offset r = begin; r < end; ++r) std::copy_n(factors.row(r), dim, copy.data() + (r - begin) * dim);
    multiply(copy.data(), q.data(), end - begin, dim, factors.row(begin), factors.stride);
    if (rounded.empty()) return;
    for (Offset r = begin; r < end; ++r)
      std::transform(factors.row(r), factors.row(r) + dim, rounded.row(r), [](float x) { return BFloat16(x); });
  });
}

}  // namespace nextbest::cpu
