#pragma once

#include <memory>
#include <vector>

#include <hwy/aligned_allocator.h>

#include "kernels/ops/solve_rows.hpp"

namespace nextbest::cpu {

/// What all rows of one call of solve_rows share. Vectors are padded with zeros to `padded` dimensions, a multiple of
/// every vector register's width, so that loops over them have no remainder.
struct RowSolverSetup {
  explicit RowSolverSetup(const RowSystems& systems);

  Matrix<const BFloat16> factors;
  Offset padded = 0;
  Offset chunk_rows = 0;  ///< vectors gathered at a time, a multiple of 8
  int steps = 0;
  hwy::AlignedFreeUniquePtr<double[]> dense;       ///< [padded] alpha0 * eigenvalues, in double
  hwy::AlignedFreeUniquePtr<float[]> dense_float;  ///< [padded] the same, rounded
};

/// One row of the sparse matrix. Codes after the row's own, up to codes_end, are those of the rows to come: their
/// vectors are fetched ahead.
struct SparseRow {
  const Code* codes = nullptr;
  const float* weights = nullptr;  ///< null: every weight is 1
  Offset size = 0;
  const Code* codes_end = nullptr;
  double ridge = 0;  ///< reg * f^nu
};

/// Working memory of one thread.
struct RowScratch {
  explicit RowScratch(const RowSolverSetup& setup);

  using Floats = hwy::AlignedFreeUniquePtr<float[]>;
  Floats vectors;  ///< [chunk_rows, padded] gathered vectors
  Floats weights;  ///< [chunk_rows] closed by zeros to a multiple of 8
  Floats solution, residual, preconditioner, direction, product, partial, partial_squares;  ///< [padded]
  Floats scaled;   ///< [kDualRowLimit, padded] h / D
  Floats inverse;  ///< [padded] 1 / D
};

enum class RowOutcome { kSolved, kNotFinite };

/// The two ways of solve_rows for a row with entries; w [dim] is start and result. Compiled for several instruction
/// sets, chosen at run time.
RowOutcome solve_dual(const RowSolverSetup& setup, const SparseRow& row, RowScratch& scratch, float* w);
RowOutcome solve_by_conjugate_gradients(const RowSolverSetup& setup, const SparseRow& row, RowScratch& scratch,
                                        float* w);

}  // namespace nextbest::cpu
