#include "kernels/cpu/item_index.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/core/parallel.hpp"

namespace nextbest::cpu {
namespace {

// Covers the rounding of the sums below: up to 65,536 terms, each off by 2^-53.
constexpr double kUp = 1 + 1e-10;

}  // namespace

double norm_above(const float* row, Offset dim) {
  double sum = 0;
  for (Offset c = 0; c < dim; ++c) sum += static_cast<double>(row[c]) * row[c];
  return std::isfinite(sum) ? std::sqrt(sum) * kUp : std::numeric_limits<double>::infinity();
}

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
    for (Offset tile = begin; tile < end; ++tile) {
      tiles[tile].norm = norm[code[tile * kTileItems]];
      fill_tile(tile);
    }
  });
}

// A tile with an item that is not finite keeps q = 0: its infinite norm says that nothing is known of it.
void CpuItemIndex::fill_tile(Offset tile) {
  Tile& about = tiles[tile];
  const Offset first = tile * kTileItems, count = std::min<Offset>(kTileItems, items - first);
  std::int8_t* to = packed.get() + tile * tile_bytes();
  std::fill_n(to, tile_bytes(), std::int8_t{0});
  if (!std::isfinite(about.norm)) return;
  float largest = 0;
  for (Offset i = 0; i < count; ++i) {
    const float* row = factors.row(code[first + i]);
    for (Offset c = 0; c < dim; ++c) largest = std::max(largest, std::fabs(row[c]));
  }
  if (largest == 0) return;
  about.inverse_scale = 127 / static_cast<double>(largest);
  const double scale = 1 / about.inverse_scale;
  for (Offset i = 0; i < count; ++i) {
    const float* row = factors.row(code[first + i]);
    double squared = 0;
    for (Offset c = 0; c < dim; ++c) {
      const int q = to_eight_bits(row[c], about.inverse_scale);
      const double rest = row[c] - scale * q;
      squared += rest * rest;
      sum[first + i] += q;
      to[(c / 4 * kTileItems + i) * 4 + c % 4] = static_cast<std::int8_t>(q);
    }
    about.error = std::max(about.error, std::sqrt(squared) * kUp);
  }
}

std::unique_ptr<const ItemIndex> index_items(Context& ctx, Matrix<const float> items,
                                             std::span<const std::int64_t> popularity) {
  return std::make_unique<CpuItemIndex>(ctx, items, popularity);
}

}  // namespace nextbest::cpu
