#pragma once

#include <cstdint>

#include <cuda_runtime.h>

#include "kernels/cuda/device/unroll.cuh"

namespace nextbest::cuda {

/// score += W H^T over one step of 16 dimensions, W of a warp's 64 users, H of its 32 items, both as pack_fragments()
/// lays them out: 4 fragments of users, 2 of items. Score (i, j) of a lane is that of user 8 i + lane / 4 and item
/// j / 2 * 8 + lane % 4 * 2 + j % 2.
#ifdef __CUDACC__
__device__ inline void screen_step(const uint4* users, const uint4* items, float (&score)[8][8]) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  uint4 w[4], h[2];
  NEXTBEST_UNROLL
  for (int i = 0; i < 4; ++i) w[i] = users[i * 32 + lane];
  NEXTBEST_UNROLL
  for (int j = 0; j < 2; ++j) h[j] = items[j * 32 + lane];
  NEXTBEST_UNROLL
  for (int i = 0; i < 4; ++i) {
    NEXTBEST_UNROLL
    for (int j = 0; j < 4; ++j)
      asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
          "{%0, %1, %2, %3};"
          : "+f"(score[2 * i][2 * j]), "+f"(score[2 * i][2 * j + 1]), "+f"(score[2 * i + 1][2 * j]),
            "+f"(score[2 * i + 1][2 * j + 1])
          : "r"(w[i].x), "r"(w[i].y), "r"(w[i].z), "r"(w[i].w), "r"(j % 2 == 0 ? h[j / 2].x : h[j / 2].z),
            "r"(j % 2 == 0 ? h[j / 2].y : h[j / 2].w));
  }
}
#else  // the same from the other lanes' shares, without the instruction
inline float screened_number(const uint4& share, int word, int half) {
  const std::uint32_t words[] = {share.x, share.y, share.z, share.w};
  return __uint_as_float(half == 0 ? words[word] << 16 : words[word] & 0xFFFF'0000u);
}
inline void screen_step(const uint4* users, const uint4* items, float (&score)[8][8]) {
  const int lane = static_cast<int>(threadIdx.x) % 32, row = lane / 4;
  for (int i = 0; i < 8; ++i)
    for (int j = 0; j < 8; ++j) {
      const int item = lane % 4 * 2 + j % 2;
      for (int c = 0; c < 16; ++c) {
        const uint4 &w = users[i / 2 * 32 + row * 4 + c % 8 / 2], &h = items[j / 4 * 32 + item * 4 + c % 8 / 2];
        score[i][j] += screened_number(w, i % 2 + c / 8 * 2, c % 2) * screened_number(h, j / 2 % 2 * 2 + c / 8, c % 2);
      }
    }
}
#endif

}  // namespace nextbest::cuda
