#pragma once

#include <vector>

#include <hwy/aligned_allocator.h>

#include "kernels/ops/item_index.hpp"

namespace nextbest::cpu {

inline constexpr int kTileItems = 48;  ///< three vectors of AVX-512, six of AVX2

/// The items in descending order of their norm |h| (equal ones by code; what is not finite leads as if infinite), cut
/// into tiles, each in whole numbers of 8 bits:
///     h = scale * q + rest,   -127 <= q <= 127,   one scale per tile
/// The screen of screen_tiles() reads these; the factors themselves are read for the few items that pass it.
class CpuItemIndex : public ItemIndex {
 public:
  struct Tile {
    double norm = 0;           ///< not below the |h| of any of its items
    double error = 0;          ///< not below any |rest|
    double inverse_scale = 1;  ///< 1 / scale
  };

  CpuItemIndex(Context& ctx, Matrix<const float> factors_, std::span<const std::int64_t> popularity_);

  const Matrix<const float> factors;
  const std::span<const std::int64_t> popularity;
  const Offset steps;                               ///< dims by fours; those behind the last dim are 0
  std::vector<Code> code;                           ///< [tiles * kTileItems] places behind the last item hold kNoCode
  std::vector<Code> place;                          ///< [items] where each item stands in `code`
  std::vector<Tile> tiles;                          ///< [tiles]
  std::vector<std::int32_t> sum;                    ///< [tiles, kTileItems] sum of q over the dims
  hwy::AlignedFreeUniquePtr<std::int8_t[]> packed;  ///< q [tiles, steps, kTileItems, 4], 64-byte aligned

  Offset tile_bytes() const { return steps * kTileItems * 4; }

 private:
  void fill_tile(Offset tile, std::int8_t* row);
};

}  // namespace nextbest::cpu
