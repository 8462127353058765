#include "kernels/cuda/device/shared.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/score_lists.cuh"

namespace nextbest::cuda {
namespace {

constexpr int kThreads = 256, kWarps = kThreads / kWarpSize;
constexpr int kSide = 16;              // threads along either side of a tile
constexpr int kPiece = kTile / kSide;  // users, and items, of one thread
constexpr int kWarpUsers = kTile / kWarps;
static_assert(kWarpUsers <= kWarpSize && kPiece == 8 && kSide * kSide == kThreads);

struct Scan {
  DeviceItems items;
  DeviceFilter filter;
  UserLists lists;
  const std::uint32_t* order;
  const float* packed_users;
  Offset first_tile, last_tile;
};

// The users of a block, by their row in the tile.
struct BlockUsers {
  Code user[kTile];  // kNoCode: none
  float norm[kTile];
  float threshold[kTile];
  int count[kTile];     // of finds
  int settled[kTile];   // of those, how many have passed the filter; the others are as append() left them
  int wanting[kWarps];  // whether a user of this warp's may find something in the next tile
};

// Two stages of kDepth dimensions of either side: one is read while the other is filled.
struct Stages {
  float4 users[2][kDepth][kTile / 4];
  float4 items[2][kDepth][kTile / 4];
};

// A thread's users are 4 y .. 4 y + 3 and as many 64 further, so that threads side by side read side by side.
__device__ int row_of_piece(int side, int i) {
  return i / 4 * (kTile / 2) + 4 * side + i % 4;
}
__device__ int x_of_thread() {
  return static_cast<int>(threadIdx.x) % kSide;
}
__device__ int y_of_thread() {
  return static_cast<int>(threadIdx.x) / kSide;
}

__device__ void multiply_stage(const Stages& stages, int which, float (&score)[kPiece][kPiece]) {
  for (int d = 0; d < kDepth; ++d) {
    const float4 w0 = stages.users[which][d][y_of_thread()], w1 = stages.users[which][d][kSide + y_of_thread()];
    const float4 h0 = stages.items[which][d][x_of_thread()], h1 = stages.items[which][d][kSide + x_of_thread()];
    const float w[kPiece] = {w0.x, w0.y, w0.z, w0.w, w1.x, w1.y, w1.z, w1.w};
    const float h[kPiece] = {h0.x, h0.y, h0.z, h0.w, h1.x, h1.y, h1.z, h1.w};
    for (int i = 0; i < kPiece; ++i)
      for (int j = 0; j < kPiece; ++j) score[i][j] = fmaf(w[i], h[j], score[i][j]);
  }
}

// score = the defining sums of the thread's users and items; dimensions that are not there add 0.
__device__ void score_tile(const float* users, const float* items, Offset depth, Stages& stages,
                           float (&score)[kPiece][kPiece]) {
  constexpr int kStage = kDepth * kTile / 4, kEach = kStage / kThreads;
  const auto* from_users = reinterpret_cast<const float4*>(users) + threadIdx.x;
  const auto* from_items = reinterpret_cast<const float4*>(items) + threadIdx.x;
  float4 w[kEach], h[kEach];
  const auto fetch = [&](Offset stage) {
    for (int e = 0; e < kEach; ++e) {
      w[e] = from_users[stage * kStage + e * kThreads];
      h[e] = from_items[stage * kStage + e * kThreads];
    }
  };
  const auto put = [&](int which) {
    for (int e = 0; e < kEach; ++e) {
      (&stages.users[which][0][0])[threadIdx.x + e * kThreads] = w[e];
      (&stages.items[which][0][0])[threadIdx.x + e * kThreads] = h[e];
    }
  };
  for (auto& row : score)
    for (float& x : row) x = 0;
  fetch(0);
  put(0);
  __syncthreads();  // the first stage is there
  const int count = static_cast<int>(depth / kDepth);
  for (int s = 0; s < count; ++s) {
    if (s + 1 < count) fetch(s + 1);
    multiply_stage(stages, s % 2, score);
    if (s + 1 < count) put((s + 1) % 2);
    __syncthreads();  // stage s is read before it is filled again, the next one filled before it is read
  }
}

// What reaches the threshold goes to the user's finds as score << 32 | slot, for the next settle_users().
__device__ void append(const Scan& scan, Offset tile, BlockUsers& block, const float (&score)[kPiece][kPiece]) {
  for (int i = 0; i < kPiece; ++i) {
    const int row = row_of_piece(y_of_thread(), i);
    const float threshold = block.threshold[row];
    for (int j = 0; j < kPiece; ++j) {
      if (score[i][j] < threshold) continue;
      const Offset slot = tile * kTile + row_of_piece(x_of_thread(), j);
      if (slot >= scan.items.items || block.user[row] == kNoCode) continue;
      const int at = atomicAdd(&block.count[row], 1);
      scan.lists.found[Offset{block.user[row]} * scan.lists.capacity + at] =
          Key{__float_as_uint(score[i][j])} << 32 | static_cast<std::uint32_t>(slot);
    }
  }
}

// The key of what append() left, or 0 when the filter or a full list keeps it out.
__device__ Key settle_one(const Scan& scan, Code user, int room, Key left) {
  const float score = __uint_as_float(static_cast<std::uint32_t>(left >> 32));
  const Code code = scan.items.code_of_slot[static_cast<std::uint32_t>(left)];
  if (!passes(scan.filter, user, code)) return 0;
  if (std::isnan(score)) report_nan(scan.lists, user, code);
  return room == 0 || std::isnan(score) ? 0 : key_of(score, scan.items.rank_of_code[code]);
}

// Warp: filters what append() left of one user, closes the gaps, and cuts the finds to the best when there are many.
__device__ void settle_user(const Scan& scan, BlockUsers& block, int row) {
  const Code user = block.user[row];
  const int room = scan.lists.room[user], end = block.count[row], lane = lane_of_thread();
  Key* keys = scan.lists.found + Offset{user} * scan.lists.capacity;
  int kept = block.settled[row];
  for (int begin = kept; begin < end; begin += kWarpSize) {
    const Key key = begin + lane < end ? settle_one(scan, user, room, keys[begin + lane]) : 0;
    const unsigned passing = __ballot_sync(kWholeWarp, key != 0);
    __syncwarp();  // read before written over
    if (key != 0) keys[kept + __popc(passing & ((1u << lane) - 1))] = key;
    kept += __popc(passing);
  }
  float threshold = block.threshold[row];
  if (kept >= 2 * room + kFindsBeforeCut) {
    sort_descending(keys, kept);
    kept = room;
    threshold = room == 0 ? threshold : score_of(keys[room - 1]);
  }
  __syncwarp();  // read by all before it is written
  if (lane != 0) return;
  block.count[row] = block.settled[row] = kept;
  block.threshold[row] = threshold;
}

// Warp: settles those of its users who found something, and says whether any wants the tile to come.
__device__ void settle_users(const Scan& scan, Offset next_tile, BlockUsers& block) {
  const int warp = static_cast<int>(threadIdx.x) / kWarpSize, lane = lane_of_thread();
  const int row = warp * kWarpUsers + lane;
  const bool some = lane < kWarpUsers && block.user[row] != kNoCode;
  unsigned waiting = __ballot_sync(kWholeWarp, some && block.count[row] > block.settled[row]);
  for (; waiting != 0; waiting &= waiting - 1)
    settle_user(scan, block, warp * kWarpUsers + __ffs(static_cast<int>(waiting)) - 1);
  __syncwarp();  // settled by one lane, read by another
  const bool wants =
      some && next_tile < scan.last_tile &&
      !(most_score(block.norm[row], scan.items.norm[next_tile * kTile], scan.items.dim) < block.threshold[row]);
  const unsigned wanting = __ballot_sync(kWholeWarp, wants);
  if (lane == 0) block.wanting[warp] = wanting != 0;
}

__device__ void open_block(const Scan& scan, BlockUsers& block) {
  const int row = static_cast<int>(threadIdx.x);
  if (row >= kTile) return;
  const Offset place = static_cast<Offset>(blockIdx.x) * kTile + row;
  const bool some = place < scan.lists.users;
  const Offset user = !some ? 0 : scan.order == nullptr ? place : Offset{scan.order[place]};
  block.user[row] = some ? static_cast<Code>(user) : kNoCode;
  block.norm[row] = some ? scan.lists.norm[user] : 0;
  block.threshold[row] = some ? scan.lists.threshold[user] : INFINITY;
  block.count[row] = block.settled[row] = some ? scan.lists.count[user] : 0;
}

__device__ void close_block(const Scan& scan, const BlockUsers& block) {
  const int row = static_cast<int>(threadIdx.x);
  if (row >= kTile || block.user[row] == kNoCode) return;
  scan.lists.threshold[block.user[row]] = block.threshold[row];
  scan.lists.count[block.user[row]] = block.count[row];
}

// Block: kTile users, tile after tile of the items until none of them wants another. Thread: 8 x 8 scores of each tile,
// in registers. Result: every user's finds, their number and threshold in `lists`.
__global__ void __launch_bounds__(kThreads, 2) scan_kernel(Scan scan) {
  __shared__ Shared<BlockUsers> shared_block;
  __shared__ Shared<Stages> shared_stages;
  BlockUsers& block = shared_block;
  Stages& stages = shared_stages;
  open_block(scan, block);
  __syncthreads();  // the users are there
  const Offset tile_size = scan.items.depth * kTile;
  for (Offset tile = scan.first_tile;; ++tile) {
    settle_users(scan, tile, block);
    __syncthreads();  // thresholds and wishes of all warps are there
    int wanting = 0;
    for (int w = 0; w < kWarps; ++w) wanting |= block.wanting[w];
    if (wanting == 0) break;
    float score[kPiece][kPiece];
    score_tile(scan.packed_users + blockIdx.x * tile_size, scan.items.packed + tile * tile_size, scan.items.depth,
               stages, score);
    append(scan, tile, block, score);
    __syncthreads();  // appended before it is settled
  }
  close_block(scan, block);
}

}  // namespace

void scan_items(const Stream& stream, const DeviceItems& items, const DeviceFilter& filter, const UserLists& lists,
                const std::uint32_t* order, Offset first_tile, Offset last_tile) {
  const Offset blocks = tiles_of(lists.users);
  const Buffer<float> packed(stream, blocks * items.depth * kTile);
  pack_tiles(stream, lists.rows, reinterpret_cast<const Code*>(order), lists.users, items.dim, packed.data());
  launch(stream, "scan_kernel", {blocks, kThreads, 0}, scan_kernel,
         Scan{items, filter, lists, order, packed.data(), first_tile, last_tile});
}

}  // namespace nextbest::cuda
