#include "kernels/cpu/item_index.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "kernels/core/parallel.hpp"
#include "kernels/cpu/eight_bits.hpp"

namespace nextbest::cpu {
CpuItemIndex::CpuItemIndex(Context& ctx, Matrix<const float> factors_, std::span<const std::int64_t> popularity_)
    : ItemIndex(Device::kCpu, factors_.rows, factors_.cols),
      factors(factors_),
      popularity(popularity_),
      steps((dim + 3) / 4) {
  const Context uninterrupted{ctx.device, ctx.threads, {}, {}};
  std::vector<double> norm(items);
  parallel_for(uninterrupted, items, 4096, [&](Offset begin, Offset end, int) {
    for (Offset i = begin; i < end; ++i) norm[i] = norm_above(factors.row(i), dim);
  });
  const Offset count = (items + kTileItems - 1) / kTileItems;
  code.assign(count * kTileItems, kNoCode);
  std::iota(code.begin(), code.begin() + items, 0);
  std::sort(code.begin(), code.begin() + items,
            [&](Code x, Code y) { return norm[x] != norm[y] ? norm[x] > norm[y] : x < y; });
  place.resize(items);
  for (Offset i = 0; i < items; ++i) place[code[i]] = static_cast<Code>(i);
  tiles.resize(count);
  sum.resize(count * kTileItems);
  packed = hwy::AllocateAligned<std::int8_t>(std::max<Offset>(1, count * tile_bytes()));
  parallel_for(uninterrupted, count, 64, [&](Offset begin, Offset end, int) {
    std::vector<std::int8_t> row(dim + 8);
    for (Offset tile = begin; tile < end; ++tile) {
      tiles[tile].norm = norm[code[tile * kTileItems]];
      fill_tile(tile, row.data());
    }
  });
}

// A tile with an item that is not finite keeps q = 0: its infinite norm says that nothing is known of it.
void CpuItemIndex::fill_tile(Offset tile, std::int8_t* row) {
  Tile& about = tiles[tile];
  const Offset first = tile * kTileItems, count = std::min<Offset>(kTileItems, items - first);
  std::int8_t* to = packed.get() + tile * tile_bytes();
  std::fill_n(to, tile_bytes(), std::int8_t{0});
  if (!std::isfinite(about.norm)) return;
  float largest = 0;
  for (Offset i = 0; i < count; ++i) largest = std::max(largest, largest_of(factors.row(code[first + i]), dim));
  if (largest == 0) return;
  about.inverse_scale = 127 / static_cast<double>(largest);
  for (Offset i = 0; i < count; ++i) {
    const EightBits bits = to_eight_bits(factors.row(code[first + i]), dim, about.inverse_scale, row);
    sum[first + i] = bits.sum;
    about.error = std::max(about.error, bits.rest);
    for (Offset step = 0; step < steps; ++step) std::memcpy(to + (step * kTileItems + i) * 4, row + step * 4, 4);
  }
}

std::unique_ptr<const ItemIndex> index_items(Context& ctx, Matrix<const float> items,
                                             std::span<const std::int64_t> popularity) {
  return std::make_unique<CpuItemIndex>(ctx, items, popularity);
}

}  // namespace nextbest::cpu
