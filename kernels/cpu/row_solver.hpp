#pragma once

#include <cstdint>
#include <vector>

#include <hwy/aligned_allocator.h>

#include "kernels/ops/solve_rows.hpp"

namespace nextbest::cpu {

/// Lanes of the widest register: so many short rows are solved together at most.
inline constexpr Offset kMostLanes = 16;

/// What all rows of one call of solve_rows share. Vectors are padded with zeros to `padded` dimensions, so that loops
/// over them have no remainder in any instruction set.
struct RowSolverSetup {
  explicit RowSolverSetup(const RowSystems& all);

  RowSystems systems;
  Offset padded = 0;
  Offset chunk_rows = 0;                     ///< rows up to here keep their gathered vectors; a multiple of 64
  hwy::AlignedFreeUniquePtr<float[]> dense;  ///< [padded] alpha0 * eigenvalues
};

/// Working memory of one thread.
struct RowScratch {
  explicit RowScratch(const RowSolverSetup& setup);

  using Floats = hwy::AlignedFreeUniquePtr<float[]>;

  // Conjugate gradients. Vectors of floats stand in the order in which registers of pairs come apart, see
  // row_vectors-inl.hpp.
  hwy::AlignedFreeUniquePtr<std::uint16_t[]> vectors;  ///< [chunk_rows, padded] gathered vectors
  Floats weights;                                      ///< [chunk_rows] closed by zeros to a multiple of 4
  Floats dense, solution, residual, preconditioner, direction, product, partial, partial_squares;  ///< [padded]

  // Short rows, one per lane.
  std::vector<Offset> short_rows[kDualRowLimit + 1];  ///< by number of entries
  hwy::AlignedFreeUniquePtr<std::uint16_t[]> staged;  ///< [padded / 8, 4, kMostLanes / 4, 8]
  hwy::AlignedFreeUniquePtr<std::uint32_t[]> lanes;   ///< [kDualRowLimit, padded / 2, kMostLanes] pairs of dimensions
  Floats inverse;                                     ///< [padded, kMostLanes] 1 / D
  Floats kernel;                                      ///< [kDualRowLimit, kDualRowLimit, kMostLanes] K
  Floats inverse_weights, dual;                       ///< [kDualRowLimit, kMostLanes] 1 / c, and y
  Floats solved;                                      ///< [kMostLanes, padded]
};

/// Solves rows [begin, end). Returns the first one met whose solution is not finite, -1 when there is none. Compiled
/// for several instruction sets, chosen at run time.
Offset solve_piece(const RowSolverSetup& setup, Offset begin, Offset end, RowScratch& scratch, Matrix<float> out);

}  // namespace nextbest::cpu
