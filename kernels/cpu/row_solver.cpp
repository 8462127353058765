#include "kernels/cpu/row_solver.hpp"

#include <algorithm>

namespace nextbest::cpu {
namespace {

constexpr Offset kPadding = 16;             // floats in the widest register
constexpr Offset kChunkBytes = 512 * 1024;  // half of a usual second-level cache
constexpr Offset kChunkRows = 1024;         // bounds the chain of roundings of a chunk's sums

Offset round_up(Offset n, Offset to) {
  return (n + to - 1) / to * to;
}

}  // namespace

RowSolverSetup::RowSolverSetup(const RowSystems& systems)
    : factors(systems.factors), padded(round_up(systems.factors.cols, kPadding)), steps(systems.steps) {
  const Offset longest = [&] {
    Offset n = 0;
    for (Offset r = 0; r < systems.ratings.rows(); ++r) n = std::max(n, systems.ratings.row_size(r));
    return n;
  }();
  const Offset fits = std::min(kChunkRows, kChunkBytes / (padded * static_cast<Offset>(sizeof(float))));
  chunk_rows = round_up(std::clamp<Offset>(longest, 1, fits), 8);
  dense = hwy::AllocateAligned<double>(padded);
  dense_float = hwy::AllocateAligned<float>(padded);
  std::fill_n(dense.get(), padded, 0.0);
  for (Offset k = 0; k < factors.cols; ++k) dense[k] = systems.unobserved_weight * systems.eigenvalues[k];
  for (Offset k = 0; k < padded; ++k) dense_float[k] = static_cast<float>(dense[k]);
}

RowScratch::RowScratch(const RowSolverSetup& setup) {
  vectors = hwy::AllocateAligned<float>(setup.chunk_rows * setup.padded);
  weights = hwy::AllocateAligned<float>(setup.chunk_rows);
  for (Floats* x : {&solution, &residual, &preconditioner, &direction, &product, &partial, &partial_squares})
    *x = hwy::AllocateAligned<float>(setup.padded);
  scaled = hwy::AllocateAligned<float>(kDualRowLimit * setup.padded);
  inverse = hwy::AllocateAligned<float>(setup.padded);
}

}  // namespace nextbest::cpu
