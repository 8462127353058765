#pragma once

#include "kernels/core/host_device.hpp"
#include "kernels/cuda/device/screen_step.cuh"
#include "kernels/cuda/device/unroll.cuh"
#include "kernels/cuda/item_index.hpp"

namespace nextbest::cuda {

/// A tile of scores, kTile users x kTile items, by a block of kScoreThreads threads; 8 x 8 scores in each thread's
/// registers. Either side comes in stages of kStageSize vectors of 16 bytes.
inline constexpr int kScoreThreads = 256;
inline constexpr int kPiece = 8;
inline constexpr int kStageSize = 512;
using PieceOfScores = float[kPiece][kPiece];

/// The defining sums, by multiply-adds in float. A stage holds kDepth dimensions of kTile rows.
struct ExactTile {
  static constexpr bool kUsersStay = false;
  // A thread's rows are 4 y .. 4 y + 3 and as many 64 further, so that threads side by side read side by side.
  static __device__ int place(int side, int i) { return i / 4 * (kTile / 2) + 4 * side + i % 4; }
  static __device__ int x() { return static_cast<int>(threadIdx.x) % 16; }
  static __device__ int y() { return static_cast<int>(threadIdx.x) / 16; }
  static __device__ int user(int i) { return place(y(), i); }
  static __device__ int item(int j) { return place(x(), j); }

  static __device__ void multiply(const float4* users, const float4* items, PieceOfScores& score) {
    constexpr int kRow = kTile / 4;
    for (int d = 0; d < kDepth; ++d, users += kRow, items += kRow) {
      const float4 w0 = users[y()], w1 = users[16 + y()], h0 = items[x()], h1 = items[16 + x()];
      const float w[kPiece] = {w0.x, w0.y, w0.z, w0.w, w1.x, w1.y, w1.z, w1.w};
      const float h[kPiece] = {h0.x, h0.y, h0.z, h0.w, h1.x, h1.y, h1.z, h1.w};
      NEXTBEST_UNROLL
      for (int i = 0; i < kPiece; ++i) {
        NEXTBEST_UNROLL
        for (int j = 0; j < kPiece; ++j) score[i][j] = fmaf(w[i], h[j], score[i][j]);
      }
    }
  }
};

/// Scores from 16 bits, by the tensor cores; no further from the defining sums than screen_margin(). A stage holds two
/// steps of fragments. A warp has 64 users x 32 items. The users stay in shared memory from tile to tile.
struct ScreenedTile {
  static constexpr bool kUsersStay = true;
  static __device__ int lane() { return static_cast<int>(threadIdx.x) % 32; }
  static __device__ int first_user() { return static_cast<int>(threadIdx.x) / 128 * 64; }
  static __device__ int first_item() { return static_cast<int>(threadIdx.x) / 32 % 4 * 32; }
  static __device__ int user(int i) { return first_user() + 8 * i + lane() / 4; }
  static __device__ int item(int j) { return first_item() + j / 2 * 8 + lane() % 4 * 2 + j % 2; }

  static __device__ void multiply(const float4* users, const float4* items, PieceOfScores& score) {
    constexpr int kStep = kStageSize / 2;
    for (int step = 0; step < 2; ++step)
      screen_step(reinterpret_cast<const uint4*>(users) + step * kStep + first_user() / 16 * 32,
                  reinterpret_cast<const uint4*>(items) + step * kStep + first_item() / 16 * 32, score);
  }
};

/// Where a block keeps a tile: two stages, of which one is read while the other is filled, or, of users that stay, all.
struct Stages {
  float4* users;  ///< [2 or all, kStageSize]
  float4* items;  ///< [2, kStageSize]
};

/// Users that stay: all their stages to shared memory.
inline __device__ void keep_users(const float4* users, int count, const Stages& stages) {
  for (int i = static_cast<int>(threadIdx.x); i < count * kStageSize; i += kScoreThreads) stages.users[i] = users[i];
}

/// score = the tile of `users` and `items`, `count` stages each.
template <class Tile>
__device__ void score_tile(const float4* users, const float4* items, int count, const Stages& stages,
                           PieceOfScores& score) {
  constexpr int kEach = kStageSize / kScoreThreads;
  float4 w[kEach], h[kEach];
  const auto fetch = [&](int stage) {
    const int from = stage * kStageSize + static_cast<int>(threadIdx.x);
    for (int e = 0; e < kEach; ++e) {
      if (!Tile::kUsersStay) w[e] = users[from + e * kScoreThreads];
      h[e] = items[from + e * kScoreThreads];
    }
  };
  const auto put = [&](int which) {
    const int to = which * kStageSize + static_cast<int>(threadIdx.x);
    for (int e = 0; e < kEach; ++e) {
      if (!Tile::kUsersStay) stages.users[to + e * kScoreThreads] = w[e];
      stages.items[to + e * kScoreThreads] = h[e];
    }
  };
  for (auto& row : score)
    for (float& x : row) x = 0;
  fetch(0);
  put(0);
  __syncthreads();  // the first stage is there
  for (int s = 0; s < count; ++s) {
    if (s + 1 < count) fetch(s + 1);
    Tile::multiply(stages.users + (Tile::kUsersStay ? s : s % 2) * kStageSize, stages.items + s % 2 * kStageSize,
                   score);
    if (s + 1 < count) put((s + 1) % 2);
    __syncthreads();  // stage s is read before it is filled again, the next one filled before it is read
  }
}

}  // namespace nextbest::cuda
