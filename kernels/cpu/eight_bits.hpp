#pragma once

#include <cstdint>

#include "kernels/core/types.hpp"

namespace nextbest::cpu {

/// What a row is in whole numbers of 8 bits: x = scale * q + rest.
struct EightBits {
  double seen = 0;       ///< not below the Euclidean norm of scale * q
  double rest = 0;       ///< not below that of the rest
  std::int32_t sum = 0;  ///< of q
};

/// q[c] = the nearest whole number to row[c] * inverse_scale, for finite numbers of which none is above 127 /
/// inverse_scale in size. q  [dim rounded up to a multiple of 8] the places behind the row get 0
/// Run-time choice of the instruction set; every choice gives the same bits. So too below.
EightBits to_eight_bits(const float* row, Offset dim, double inverse_scale, std::int8_t* q);
/// Not below the Euclidean norm of a row; infinite where the row is not finite.
double norm_above(const float* row, Offset dim);
/// The largest |x| of a finite row.
float largest_of(const float* row, Offset dim);

}  // namespace nextbest::cpu
