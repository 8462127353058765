#include <type_traits>

#include "kernels/cuda/device/score_tile.cuh"
#include "kernels/cuda/device/shared.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/score_lists.cuh"

namespace nextbest::cuda {
namespace {

constexpr int kThreads = kScoreThreads, kWarps = kThreads / kWarpSize;
constexpr int kWarpUsers = kTile / kWarps;
static_assert(kWarpUsers <= kWarpSize);

struct Scan {
  DeviceItems items;
  DeviceFilter filter;
  UserLists lists;
  const std::uint32_t* order;
  const float4 *user_tiles, *item_tiles;
  int stages;  // of a tile
  Offset first_tile, last_tile;
};

// The users of a block, by their row in the tile.
struct BlockUsers {
  Code user[kTile];  // kNoCode: none
  float norm[kTile];
  float threshold[kTile];
  float bar[kTile];     // what a score must reach, in the tile to come, for append() to take it
  int count[kTile];     // of finds
  int settled[kTile];   // of those, how many have passed the filter; the others are as append() left them
  int wanting[kWarps];  // whether a user of this warp's may find something in the next tile
};

// What reaches the bar goes to the user's finds as score << 32 | slot, for settle_users().
template <class Tile>
__device__ void append(const Scan& scan, Offset tile, BlockUsers& block, const PieceOfScores& score) {
  NEXTBEST_UNROLL
  for (int i = 0; i < kPiece; ++i) {
    const int row = Tile::user(i);
    const float bar = block.bar[row];
    NEXTBEST_UNROLL
    for (int j = 0; j < kPiece; ++j) {
      if (score[i][j] < bar) continue;
      const Offset slot = tile * kTile + Tile::item(j);
      if (slot >= scan.items.items || block.user[row] == kNoCode) continue;
      const int at = atomicAdd(&block.count[row], 1);
      scan.lists.found[Offset{block.user[row]} * scan.lists.capacity + at] =
          Key{__float_as_uint(score[i][j])} << 32 | static_cast<std::uint32_t>(slot);
    }
  }
}

// The key of what append() left, or 0 when the filter, the threshold or a full list keeps it out.
__device__ Key settle_one(const Scan& scan, Code user, int room, float threshold, Key left) {
  const auto slot = static_cast<Code>(left);
  const Code code = scan.items.code_of_slot[slot];
  if (!passes(scan.filter, user, code)) return 0;
  const float score = scan.items.rows == nullptr
                          ? __uint_as_float(static_cast<std::uint32_t>(left >> 32))
                          : exact_score(scan.lists.rows + user * scan.items.dim, scan.items, slot);
  if (std::isnan(score)) report_nan(scan.lists, user, code);
  return room == 0 || !(score >= threshold) ? 0 : key_of(score, scan.items.rank_of_code[code]);
}

// Warp: filters what append() left of one user, closes the gaps, and cuts the finds to the best when there are many.
__device__ void settle_user(const Scan& scan, BlockUsers& block, int row) {
  const Code user = block.user[row];
  const int room = scan.lists.room[user], end = block.count[row], lane = lane_of_thread();
  Key* keys = scan.lists.found + Offset{user} * scan.lists.capacity;
  int kept = block.settled[row];
  for (int begin = kept; begin < end; begin += kWarpSize) {
    const Key key = begin + lane < end ? settle_one(scan, user, room, block.threshold[row], keys[begin + lane]) : 0;
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

// Warp: settles those of its users with `least` finds to settle or more, and says whether any wants the tile to come.
template <bool kScreened>
__device__ void settle_users(const Scan& scan, Offset next_tile, int least, BlockUsers& block) {
  const int warp = static_cast<int>(threadIdx.x) / kWarpSize, lane = lane_of_thread();
  const int row = warp * kWarpUsers + lane;
  const bool some = lane < kWarpUsers && block.user[row] != kNoCode;
  unsigned waiting = __ballot_sync(kWholeWarp, some && block.count[row] - block.settled[row] >= least);
  for (; waiting != 0; waiting &= waiting - 1)
    settle_user(scan, block, warp * kWarpUsers + __ffs(static_cast<int>(waiting)) - 1);
  __syncwarp();  // settled by one lane, read by another
  const bool more = next_tile < scan.last_tile;
  const float longest = more ? scan.items.norm[next_tile * kTile] : 0;
  const bool wants = some && more && !(most_score(block.norm[row], longest, scan.items.dim) < block.threshold[row]);
  if (lane < kWarpUsers)
    block.bar[row] = block.threshold[row] - (kScreened ? screen_margin(block.norm[row], longest, scan.items.dim) : 0);
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
template <bool kScreened>
__global__ void __launch_bounds__(kThreads, 2) scan_kernel(Scan scan) {
  using Tile = std::conditional_t<kScreened, ScreenedTile, ExactTile>;
  const int user_stages = Tile::kUsersStay ? scan.stages : 2;
  auto* memory = dynamic_shared<float4>();
  const Stages stages{memory + 2 * kStageSize, memory};
  BlockUsers& block = *reinterpret_cast<BlockUsers*>(stages.users + user_stages * kStageSize);
  const Offset tile_size = Offset{scan.stages} * kStageSize;
  open_block(scan, block);
  if (Tile::kUsersStay) keep_users(scan.user_tiles + blockIdx.x * tile_size, scan.stages, stages);
  __syncthreads();  // the users are there
  for (Offset tile = scan.first_tile;; ++tile) {
    settle_users<kScreened>(scan, tile, kFindsBeforeSettled, block);
    __syncthreads();  // bars and wishes of all warps are there
    int wanting = 0;
    for (int w = 0; w < kWarps; ++w) wanting |= block.wanting[w];
    if (wanting == 0) break;
    PieceOfScores score;
    score_tile<Tile>(scan.user_tiles + blockIdx.x * tile_size, scan.item_tiles + tile * tile_size, scan.stages, stages,
                     score);
    append<Tile>(scan, tile, block, score);
    __syncthreads();  // appended before it is settled
  }
  __syncthreads();  // wishes are read before they are written again
  settle_users<kScreened>(scan, scan.last_tile, 1, block);
  __syncthreads();  // settled by warps, closed by threads
  close_block(scan, block);
}

}  // namespace

void scan_items(const Stream& stream, const DeviceItems& items, const DeviceFilter& filter, const UserLists& lists,
                const std::uint32_t* order, Offset first_tile, Offset last_tile) {
  const bool screened = items.rows != nullptr;
  const Offset blocks = tiles_of(lists.users);
  const auto* codes = reinterpret_cast<const Code*>(order);
  const Buffer<float> tiles(stream, screened ? 0 : blocks * items.depth * kTile);
  const Buffer<uint4> fragments(stream, screened ? fragments_size(lists.users, items.dim) : 0);
  if (screened)
    pack_fragments(stream, lists.rows, codes, lists.users, items.dim, Side::kUsers, fragments.data());
  else
    pack_tiles(stream, lists.rows, codes, lists.users, items.dim, tiles.data());
  Scan scan{items, filter, lists, order, nullptr, nullptr, 0, first_tile, last_tile};
  scan.user_tiles =
      screened ? reinterpret_cast<const float4*>(fragments.data()) : reinterpret_cast<const float4*>(tiles.data());
  scan.item_tiles =
      screened ? reinterpret_cast<const float4*>(items.fragments) : reinterpret_cast<const float4*>(items.packed);
  scan.stages = static_cast<int>(screened ? fragment_steps(items.dim) / 2 : items.depth / kDepth);
  const std::size_t shared_bytes =
      (2 + (screened ? scan.stages : 2)) * kStageSize * sizeof(float4) + sizeof(BlockUsers);
  launch(stream, "scan_kernel", {blocks, kThreads, shared_bytes}, screened ? scan_kernel<true> : scan_kernel<false>,
         scan);
}

}  // namespace nextbest::cuda
