#pragma once

#include "kernels/core/types.hpp"

namespace nextbest::cpu {

inline constexpr int kTileUsers = 6;   ///< 6 users x 2 vectors of items fill the registers of AVX2
inline constexpr int kTileItems = 32;  ///< two vectors of AVX-512, four of AVX2

/// The scores of a tile of users x items:
///     scores[u][i] = fma(user[u][dim - 1], packed[dim - 1][i], ... fma(user[u][0], packed[0][i], 0))
/// user       kTileUsers pointers to rows of `dim` floats; the same row may stand there twice
/// packed     [dim, kTileItems] row-major, 64-byte aligned: the items transposed
/// threshold  [kTileUsers]
/// scores     [kTileUsers, kTileItems] row-major, 64-byte aligned
/// Returns a bit per user: 1 = some score of the row is not below the threshold (NaN is not), so the row matters.
/// Run-time choice of the instruction set; every choice gives the same bits.
unsigned score_tile(const float* const* user, const float* packed, Offset dim, const float* threshold, float* scores);

}  // namespace nextbest::cpu
