#include <cfloat>
#include <cmath>
#include <utility>

#include "kernels/core/bfloat16.hpp"
#include "kernels/core/error.hpp"
#include "kernels/cuda/device/shared.cuh"
#include "kernels/cuda/device/warp.cuh"
#include "kernels/cuda/item_index.hpp"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/sort.hpp"

namespace nextbest::cuda {
namespace {

constexpr int kThreads = 256, kWarps = kThreads / kWarpSize;
constexpr std::uint64_t kEveryKey = std::uint64_t{1} << 32;

// Warp: one row after another. Lane: every 32nd dimension. Result: out [count].
// In double |row| comes out within dim 2^-53 of itself; 2^-22 more than that, rounded to float (2^-24), lies above it,
// and so does, where floats are too coarse for that, the smallest normal one.
__global__ void __launch_bounds__(kThreads) norm_kernel(const float* rows, Offset count, Offset dim, float* out) {
  const Offset warps = static_cast<Offset>(gridDim.x) * kWarps;
  for (Offset r = (static_cast<Offset>(blockIdx.x) * kThreads + threadIdx.x) / kWarpSize; r < count; r += warps) {
    double square = 0;
    for (Offset c = lane_of_thread(); c < dim; c += kWarpSize) {
      const double x = rows[r * dim + c];
      square = fma(x, x, square);
    }
    const double norm = sqrt(warp_sum(square)) * (1 + 0x1p-22);
    if (lane_of_thread() == 0) out[r] = norm < FLT_MAX ? static_cast<float>(norm) + FLT_MIN : INFINITY;
  }
}

// Block: 32 rows x 32 dimensions, turned round in shared memory, so that reads and writes both run along memory.
// Thread: four numbers. Result: packed.
__global__ void __launch_bounds__(kThreads)
    pack_kernel(const float* rows, const Code* order, Offset count, Offset dim, Offset depth, float* packed) {
  __shared__ Shared<float[kWarpSize][kWarpSize + 1]> tile;
  const Offset column_blocks = (depth + kWarpSize - 1) / kWarpSize;
  const Offset row_begin = blockIdx.x / column_blocks * kWarpSize, begin = blockIdx.x % column_blocks * kWarpSize;
  const int x = lane_of_thread(), y = static_cast<int>(threadIdx.x) / kWarpSize;
  for (int i = y; i < kWarpSize; i += kWarps) {
    const Offset place = row_begin + i, c = begin + x;
    const bool inside = place < count && c < dim;
    tile[i][x] = inside ? rows[(order == nullptr ? place : Offset{order[place]}) * dim + c] : 0.0f;
  }
  __syncthreads();  // read before it is written the other way round
  float* to = packed + row_begin / kTile * depth * kTile + row_begin % kTile;
  for (int i = y; i < kWarpSize; i += kWarps)
    if (begin + i < depth) to[(begin + i) * kTile + x] = tile[x][i];
}

// Thread: one item after another. Result: keys and values for sorting by descending norm (bits of a number above 0 are
// in its order).
__global__ void norm_keys_kernel(const float* norm, Offset items, std::uint32_t* keys, std::uint32_t* codes) {
  for_each_index(items, [&](Offset i) {
    keys[i] = ~__float_as_uint(norm[i]);
    codes[i] = static_cast<std::uint32_t>(i);
  });
}

// Thread: one place after another. Result: keys for sorting by descending popularity, of which the lower half comes
// first and the upper half, with its sign turned round, second.
__global__ void popularity_keys_kernel(const std::int64_t* popularity, const std::uint32_t* codes, Offset items,
                                       bool upper, std::uint32_t* keys) {
  for_each_index(items, [&](Offset i) {
    const auto ordered = static_cast<std::uint64_t>(popularity[codes[i]]) ^ std::uint64_t{1} << 63;
    keys[i] = ~static_cast<std::uint32_t>(upper ? ordered >> 32 : ordered);
  });
}

// Thread: one place after another. Result: the order as codes, and where each code stands in it.
__global__ void places_kernel(const std::uint32_t* sorted, Offset items, Code* code_of, Code* place_of) {
  for_each_index(items, [&](Offset i) {
    code_of[i] = static_cast<Code>(sorted[i]);
    place_of[sorted[i]] = static_cast<Code>(i);
  });
}

// Thread: one slot after another. Result: norms by slot.
__global__ void norms_by_slot_kernel(const float* norm, const Code* code_of_slot, Offset items, float* out) {
  for_each_index(items, [&](Offset i) { out[i] = norm[code_of_slot[i]]; });
}

// Thread: one number after another. Result: rows by slot, closed by zeros.
__global__ void rows_by_slot_kernel(const float* rows, const Code* code_of_slot, Offset items, Offset dim, Offset depth,
                                    float* out) {
  for_each_index(items * depth, [&](Offset i) {
    const Offset slot = i / depth, c = i % depth;
    out[i] = c < dim ? rows[code_of_slot[slot] * dim + c] : 0.0f;
  });
}

// Dimensions c and c + 1 of a row as a pair of 16-bit numbers.
__device__ std::uint32_t pair_at(const float* rows, const Code* order, Offset count, Offset dim, Offset place,
                                 Offset c) {
  if (place >= count) return 0;
  const float* row = rows + (order == nullptr ? place : Offset{order[place]}) * dim;
  const auto bits = [&](Offset at) { return at < dim ? std::uint32_t{BFloat16(row[at]).bits()} : 0u; };
  return bits(c) | bits(c + 1) << 16;
}

// Thread: one lane's share of a fragment after another. Result: out.
__global__ void fragments_kernel(const float* rows, const Code* order, Offset count, Offset dim, Offset steps,
                                 Side side, Offset size, uint4* out) {
  for_each_index(size, [&](Offset i) {
    const Offset lane = i % kWarpSize, fragment = i / kWarpSize % kFragments,
                 step = i / (kWarpSize * kFragments) % steps;
    const Offset first = i / (kWarpSize * kFragments * steps) * kTile + fragment * (kTile / kFragments) + lane / 4;
    const Offset c = step * kDepth + 2 * (lane % 4);
    const auto pair = [&](int eight_rows, int eight_dims) {
      return pair_at(rows, order, count, dim, first + 8 * eight_rows, c + 8 * eight_dims);
    };
    out[i] = side == Side::kUsers ? uint4{pair(0, 0), pair(1, 0), pair(0, 1), pair(1, 1)}
                                  : uint4{pair(0, 0), pair(0, 1), pair(1, 0), pair(1, 1)};
  });
}

using Pairs = SortedPairs<std::uint32_t>;

Pairs new_pairs(const Stream& stream, Offset items) {
  return {Buffer<std::uint32_t>(stream, items), Buffer<std::uint32_t>(stream, items)};
}

Pairs by_norm(const Stream& stream, const float* norm, Offset items) {
  Pairs pairs = new_pairs(stream, items);
  launch(stream, "norm_keys_kernel", for_elements(device_limits(stream), items), norm_keys_kernel, norm, items,
         pairs.keys.data(), pairs.values.data());
  return sort_by_key(stream, std::move(pairs), kEveryKey);
}

// Popularity has 64 bits: sorted by the lower half, then, keeping that order, by the upper half. `pairs` holds the
// codes in ascending order.
Pairs by_popularity(const Stream& stream, std::span<const std::int64_t> popularity, Pairs pairs) {
  const Buffer<std::int64_t> on_device = to_device(stream, popularity);
  const Offset items = static_cast<Offset>(popularity.size());
  for (const bool upper : {false, true}) {
    launch(stream, "popularity_keys_kernel", for_elements(device_limits(stream), items), popularity_keys_kernel,
           on_device.data(), pairs.values.data(), items, upper, pairs.keys.data());
    pairs = sort_by_key(stream, std::move(pairs), kEveryKey);
  }
  return pairs;
}

}  // namespace

void upper_norms(const Stream& stream, const float* rows, Offset count, Offset dim, float* out) {
  launch(stream, "norm_kernel", for_elements(device_limits(stream), count * kWarpSize, kThreads), norm_kernel, rows,
         count, dim, out);
}

void pack_tiles(const Stream& stream, const float* rows, const Code* order, Offset count, Offset dim, float* packed) {
  const Offset depth = depth_of(dim);
  const Offset blocks = tiles_of(count) * (kTile / kWarpSize) * ((depth + kWarpSize - 1) / kWarpSize);
  launch(stream, "pack_kernel", {blocks, kThreads, 0}, pack_kernel, rows, order, count, dim, depth, packed);
}

void pack_fragments(const Stream& stream, const float* rows, const Code* order, Offset count, Offset dim, Side side,
                    uint4* out) {
  const Offset size = fragments_size(count, dim);
  launch(stream, "fragments_kernel", for_elements(device_limits(stream), size), fragments_kernel, rows, order, count,
         dim, fragment_steps(dim), side, size, out);
}

ResidentItems::ResidentItems(Matrix<const float> factors, std::span<const std::int64_t> popularity)
    : items_(factors.rows),
      dim_(factors.cols),
      stream_("index_items"),
      packed_(stream_, is_screened(dim_) ? 0 : tiles_of(items_) * depth_of(dim_) * kTile),
      rows_(stream_, is_screened(dim_) ? items_ * depth_of(dim_) : 0),
      norm_(stream_, items_),
      fragments_(stream_, is_screened(dim_) ? fragments_size(items_, dim_) : 0),
      code_of_slot_(stream_, items_),
      slot_of_code_(stream_, items_),
      code_of_rank_(stream_, items_),
      rank_of_code_(stream_, items_) {
  const Buffer<float> rows = to_device(stream_, factors), norm(stream_, items_);
  const LaunchShape shape = for_elements(device_limits(stream_), items_);
  upper_norms(stream_, rows.data(), items_, dim_, norm.data());
  const Pairs slots = by_norm(stream_, norm.data(), items_);
  launch(stream_, "places_kernel", shape, places_kernel, slots.values.data(), items_, code_of_slot_.data(),
         slot_of_code_.data());
  launch(stream_, "norms_by_slot_kernel", shape, norms_by_slot_kernel, norm.data(), code_of_slot_.data(), items_,
         norm_.data());
  if (is_screened(dim_)) {
    launch(stream_, "rows_by_slot_kernel", for_elements(device_limits(stream_), items_ * depth_of(dim_)),
           rows_by_slot_kernel, rows.data(), code_of_slot_.data(), items_, dim_, depth_of(dim_), rows_.data());
    pack_fragments(stream_, rows.data(), code_of_slot_.data(), items_, dim_, Side::kItems, fragments_.data());
  } else {
    pack_tiles(stream_, rows.data(), code_of_slot_.data(), items_, dim_, packed_.data());
  }

  Pairs ranks = new_pairs(stream_, items_);
  launch(stream_, "norm_keys_kernel", shape, norm_keys_kernel, norm.data(), items_, ranks.keys.data(),
         ranks.values.data());
  ranks = by_popularity(stream_, popularity, std::move(ranks));
  launch(stream_, "places_kernel", shape, places_kernel, ranks.values.data(), items_, code_of_rank_.data(),
         rank_of_code_.data());
  stream_.synchronize();
}

DeviceItems ResidentItems::view() const {
  return {packed_.data(),       rows_.data(),         fragments_.data(),    norm_.data(), code_of_slot_.data(),
          slot_of_code_.data(), code_of_rank_.data(), rank_of_code_.data(), items_,       dim_,
          depth_of(dim_),       tiles_of(items_)};
}

CudaItemIndex::CudaItemIndex(Matrix<const float> factors, std::span<const std::int64_t> popularity)
    : ItemIndex(Device::kCuda, factors.rows, factors.cols), factors_(factors), popularity_(popularity) {
  try {
    resident_ = std::make_unique<const ResidentItems>(factors, popularity);
  } catch (const DoesNotFit&) {
    if (items <= kLeastPart) throw;
  }
}

std::unique_ptr<const ItemIndex> index_items(Context&, Matrix<const float> items,
                                             std::span<const std::int64_t> popularity) {
  return std::make_unique<CudaItemIndex>(items, popularity);
}

}  // namespace nextbest::cuda
