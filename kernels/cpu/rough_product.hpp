#pragma once

#include <cstdint>

#include <hwy/aligned_allocator.h>

#include "kernels/core/bfloat16.hpp"
#include "kernels/core/view.hpp"

namespace nextbest::cpu {

/// Whether the machine multiplies 16-bit floats, twice as many in a register as 32-bit ones, and adds in 32 bits.
bool has_rough_product();

/// Products of rows with one matrix, both rounded to BFloat16, summed in float; only where has_rough_product().
class RoughProduct {
 public:
  explicit RoughProduct(Matrix<const double> q);

  static constexpr Offset kRows = 128;  ///< at a time
  /// What a thread needs beside the matrix.
  struct Scratch {
    explicit Scratch(const RoughProduct& product);

    hwy::AlignedFreeUniquePtr<std::uint16_t[]> rows;  ///< [kRows, 2 * pairs]
    hwy::AlignedFreeUniquePtr<float[]> result;        ///< [kRows, columns], columns beyond dim are 0
  };

  /// scratch.result = A Q for at most kRows rows of A [rows, dim]. Numbers below 2^-126 count as 0.
  void multiply(Matrix<const float> a, Scratch& scratch) const;

  const Offset dim, pairs, columns;  ///< dim by twos, dim rounded up to whole registers

 private:
  // Panels of kPanel columns, the last one narrower: for every two rows of Q, pairs of what stands in a column.
  hwy::AlignedFreeUniquePtr<std::uint32_t[]> packed_;
};

/// n floats to 16 bits, each as BFloat16 rounds it. Run-time choice of the instruction set.
void round_row(const float* from, Offset n, std::uint16_t* to);

}  // namespace nextbest::cpu
