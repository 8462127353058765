#pragma once

#include <cstdint>
#include <vector>

#include "kernels/cpu/item_index.hpp"

namespace nextbest::cpu {

inline constexpr int kGroupUsers = 8;  ///< 8 users x 3 vectors of items fill the registers of AVX-512
inline constexpr int kScoreRows = 8;   ///< chains of multiply-adds that hide each other's latency

/// One user in whole numbers of 8 bits, w = q / inverse_scale + rest, and what is left out by that.
struct ScreenedUser {
  double norm = 0;           ///< not below |w|
  double hat = 0;            ///< not below |w - rest|
  double error = 0;          ///< not below |rest|
  double inverse_scale = 1;  ///< 1 / scale
};

/// quads  [steps] four dims each, as q + 128 without sign; those behind the last dim are 128
ScreenedUser screen_user(const float* user, Offset dim, std::uint32_t* quads);

/// Users that are screened together, side by side; a place without a user has an infinite threshold and norm 0.
struct UserGroup {
  alignas(64) double threshold[kGroupUsers];  ///< what a score must reach to matter
  alignas(64) double norm[kGroupUsers];       ///< of ScreenedUser
  alignas(64) double hat[kGroupUsers];
  alignas(64) double error[kGroupUsers];
  alignas(64) double inverse_scale[kGroupUsers];
  hwy::AlignedFreeUniquePtr<std::uint32_t[]> quads;  ///< [steps, kGroupUsers]
};

/// The first tile of [first, last) that holds an item which may matter to a user of the group, or `last`. Sets in
/// passed[u] bit i where item i of that tile may matter to user u.
///
/// An item that is left out has a score below the threshold. With w = s p + e and h = t q + f (s and t the scales, p
/// and q whole numbers, A = p . q, exact in 32 bits),
///     w . h = s t A + e . h + s p . f <= s t A + |e| |h| + |s p| |f|,
/// and the float sum that defines the score is off by at most gamma |w| |h| + dim 2^-149, gamma = dim u / (1 - dim u),
/// u = 2^-24 (Higham 2002, section 3.1; the last term covers what underflows). So only A that reaches
///     (threshold - (|e| + gamma |w|) |h| - |s p| |f| - dim 2^-149) / (s t)
/// may matter; |h| and |f| are those of the tile. The quotient is lowered by 1 for the rounding of this bound itself
/// and then rounded down. Where |w| |h| >= 2^126 (or is not a number) sums might overflow: everything passes.
/// A tile with |w| |h| (1 + gamma) + dim 2^-149 below the threshold of all users ends the scan, because the norms of
/// the tiles descend: the result is `last`.
/// Run-time choice of the instruction set; every choice gives the same bits.
Offset screen_tiles(const UserGroup& group, const CpuItemIndex& items, Offset first, Offset last,
                    std::uint64_t* passed);

/// least [kGroupUsers, kTileItems], rows `stride` apart: no score of a user and an item of the tile lies below;
/// -infinity where |w| |h| of user and tile is not between 2^-60 and 2^126. With the names above
///     s t A - |e| |h| - |s p| |f| - (dim + 16) 2^-23 |w| |h|,
/// whose last term covers the rounding of the score (2 gamma, and dim 2^-149 many times) and of this bound.
void least_scores(const UserGroup& group, const CpuItemIndex& items, Offset tile, float* least, Offset stride);

/// What at least k of the numbers reach: the largest of 2^10 steps from -most to most that is. -infinity where fewer
/// than k reach -most.
float reached_by(const float* numbers, int n, int k, float most);

/// scores[j] = fma(user[dim - 1], rows[j][dim - 1], ... fma(user[0], rows[j][0], 0)) for kScoreRows rows.
void score_rows(const float* user, const float* const* rows, Offset dim, float* scores);

}  // namespace nextbest::cpu
