#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/cuda/device/unroll.cuh"
#include "kernels/cuda/device/warp.cuh"
#include "kernels/cuda/item_index.hpp"

namespace nextbest::cuda {

struct DeviceFilter {
  DeviceCsr owned{}, blocked{}, pinned{};   ///< no rows: no such part
  const std::uint64_t* eligible = nullptr;  ///< or null
};

/// The users of a chunk and what was found for each of them.
struct UserLists {
  Offset users;
  const float* rows;                 ///< [users, dim]
  const float* norm;                 ///< [users], as upper_norms
  unsigned long long* found;         ///< [users, capacity], of which count[u] are filled: keys
  int* count;                        ///< [users]
  int* pins;                         ///< [users] places that pinned items have taken
  int* room;                         ///< [users] places behind them
  float* threshold;                  ///< [users] what a score must reach to matter
  Code* item;                        ///< [users, k]
  float* score;                      ///< [users, k]
  unsigned long long* not_a_number;  ///< the first user << 32 | item whose score is NaN
  int k;
  int capacity;  ///< a power of two
};

/// A find as one number, larger is better: score, then popularity, then code. 0 stands for none.
using Key = unsigned long long;

__device__ inline Key key_of(float score, Code rank) {
  const std::uint32_t bits = __float_as_uint(score + 0.0f);  // -0 ranks as 0
  const std::uint32_t ordered = bits >> 31 ? ~bits : bits | 0x8000'0000u;
  return Key{ordered} << 32 | static_cast<std::uint32_t>(~rank);
}
__device__ inline float score_of(Key key) {
  const auto ordered = static_cast<std::uint32_t>(key >> 32);
  return __uint_as_float(ordered >> 31 ? ordered & 0x7FFF'FFFFu : ~ordered);
}
__device__ inline Code rank_of(Key key) {
  return static_cast<Code>(~static_cast<std::uint32_t>(key));
}

/// The defining sum. Where items stand row by row, 16 numbers are under way at a time.
__device__ inline float exact_score(const float* user, const DeviceItems& items, Code slot) {
  float sum = 0;
  if (items.rows == nullptr) {
    const float* h = items.packed + slot / kTile * items.depth * kTile + slot % kTile;
    for (Offset c = 0; c < items.dim; ++c) sum = fmaf(user[c], h[c * kTile], sum);
    return sum;
  }
  const float* h = items.rows + slot * items.depth;
  Offset c = 0;
  for (; c + kDepth <= items.dim; c += kDepth) {
    float4 four[kDepth / 4];
    NEXTBEST_UNROLL
    for (int i = 0; i < kDepth / 4; ++i) four[i] = reinterpret_cast<const float4*>(h + c)[i];
    NEXTBEST_UNROLL
    for (int i = 0; i < kDepth / 4; ++i) {
      sum = fmaf(user[c + 4 * i], four[i].x, sum);
      sum = fmaf(user[c + 4 * i + 1], four[i].y, sum);
      sum = fmaf(user[c + 4 * i + 2], four[i].z, sum);
      sum = fmaf(user[c + 4 * i + 3], four[i].w, sum);
    }
  }
  for (; c < items.dim; ++c) sum = fmaf(user[c], h[c], sum);
  return sum;
}

__device__ inline bool holds(const DeviceCsr& matrix, Offset row, Code code) {
  if (matrix.rows == 0) return false;
  Offset low = matrix.indptr[row], high = matrix.indptr[row + 1];
  while (low < high) {
    const Offset middle = low + (high - low) / 2;
    if (matrix.indices[middle] == code) return true;
    if (matrix.indices[middle] < code)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}

/// Whether the item may stand behind the pins.
__device__ inline bool passes(const DeviceFilter& filter, Offset user, Code code) {
  if (filter.eligible != nullptr && !(filter.eligible[code / 64] >> (code % 64) & 1)) return false;
  if (filter.pinned.rows != 0)
    for (Offset i = filter.pinned.indptr[user]; i < filter.pinned.indptr[user + 1]; ++i)
      if (filter.pinned.indices[i] == code) return false;
  return !holds(filter.owned, user, code) && !holds(filter.blocked, user, code);
}

__device__ inline void report_nan(const UserLists& lists, Offset user, Code code) {
  atomicMin(lists.not_a_number, static_cast<unsigned long long>(user) << 32 | static_cast<unsigned>(code));
}

/// Sorts keys [count] in descending order; the memory reaches to the next power of two. Bitonic (Batcher 1968), by one
/// whole warp.
__device__ inline void sort_descending(Key* keys, int count) {
  int size = 1;
  while (size < count) size *= 2;
  for (int i = count + lane_of_thread(); i < size; i += kWarpSize) keys[i] = 0;
  __syncwarp();  // what was found, and the zeros behind it, are there
  for (int run = 2; run <= size; run *= 2)
    for (int step = run / 2; step > 0; step /= 2) {
      for (int i = lane_of_thread(); i < size / 2; i += kWarpSize) {
        const int at = 2 * i - (i & (step - 1));
        const Key first = keys[at], second = keys[at + step];
        if ((first < second) != ((at & run) == 0)) continue;
        keys[at] = second;
        keys[at + step] = first;
      }
      __syncwarp();  // exchanged before other pairs are compared
    }
}

/// Puts pinned items into the lists, and empties what was found. Sets room and threshold.
void open_lists(const Stream& stream, const DeviceItems& items, const DeviceFilter& filter, const UserLists& lists);
/// The users in descending order of the tiles that their scan still has to see, for users alike to share a block.
Buffer<std::uint32_t> order_by_work(const Stream& stream, const DeviceItems& items, const UserLists& lists);
/// Scores tiles [first_tile, last_tile) of the items for every user and keeps what matters: all of the best `room`, and
/// some more. order  [users] which users share a block, or null.
void scan_items(const Stream& stream, const DeviceItems& items, const DeviceFilter& filter, const UserLists& lists,
                const std::uint32_t* order, Offset first_tile, Offset last_tile);
/// Sorts what was found into the lists behind the pins, and closes them.
void close_lists(const Stream& stream, const DeviceItems& items, const UserLists& lists);

/// No score of a user and an item of these norms lies above this: |w . h| <= |w| |h| (Cauchy-Schwarz), and dim
/// roundings of a sum make at most a factor (1 + u)^dim and dim 2^-150 where floats end (u = 2^-24; Higham, "Accuracy
/// and stability of numerical algorithms", section 3.1). (1 + u)^n <= 1 + 2 n u for n <= 2^23; the three roundings of
/// this product count among them.
__device__ inline float most_score(float user_norm, float item_norm, Offset dim) {
  return user_norm * item_norm * (1.0f + static_cast<float>(dim + 4) * 0x1p-23f) + 0x1p-126f;
}

/// How far a screened score may lie from the defining sum. With |w| and |h| for the norms:
///   - 16 bits: each factor is rounded by at most 2^-8 of itself, so sum |w h - w' h'| <= (2^-7 + 2^-16) |w| |h|
///   - the tensor cores: products are exact in 32 bits; of the terms of a sum each loses less than 2^-23 of the largest
///     one (Fasi, Higham, Mikaitis & Pranesh 2021), with 18 of them for every 16 dimensions; 2^-21 dim |w| |h| is three
///     times that
///   - the defining sum: dim 2^-24 |w| |h|; and this calculation itself, a few 2^-24 of it
///   - below the normal numbers rounding knows no proportion and hardware may round to 0: for each dimension 2^-126 of
///     either factor (sum of |h| <= sqrt(dim) |h|, dim <= 2^16) and of each product and sum
/// Where 16 bits or the sum may overflow there is no bound, and everything is scored.
__device__ inline float screen_margin(float user_norm, float item_norm, Offset dim) {
  const float product = user_norm * item_norm;
  if (!(user_norm < 0x1p120f && item_norm < 0x1p120f && product < 0x1p120f)) return INFINITY;
  const float relative = 0x1.04p-7f + static_cast<float>(dim) * 0x1p-20f;
  return product * relative + (user_norm + item_norm) * 0x1p-118f + 0x1p-108f;
}

}  // namespace nextbest::cuda
