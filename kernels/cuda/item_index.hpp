#pragma once

#include <memory>

#include "kernels/cuda/buffer.hpp"
#include "kernels/ops/device_bytes.hpp"
#include "kernels/ops/item_index.hpp"

namespace nextbest::cuda {

inline constexpr int kTile = kScoreTile;
inline constexpr int kDepth = 16;  ///< dimensions that it stages at a time

/// Rows of factors as the scan over items reads them: in tiles of kTile, dimension by dimension.
///     [tiles, depth, kTile], depth = dim rounded up to kDepth; zeros where there is no dimension or no row
inline Offset depth_of(Offset dim) {
  return (dim + kDepth - 1) / kDepth * kDepth;
}
inline Offset tiles_of(Offset rows) {
  return (rows + kTile - 1) / kTile;
}

/// Whether the tensor cores screen in 16 bits what is scored in 32: where it pays, and a tile of users fits into shared
/// memory.
inline bool is_screened(Offset dim) {
  return 64 <= dim && dim <= 512;
}
inline constexpr int kFragments = 8;  ///< that a tile has of kDepth dimensions

/// The items as kernels see them. A slot is an item's place in descending order of norms, a rank its place in
/// descending order of popularity, equals by ascending code: what breaks ties.
struct DeviceItems {
  const float* packed;       ///< by slot, in tiles; null where the items are screened
  const float* rows;         ///< [slots, depth]; null where they are not
  const uint4* fragments;    ///< the same in 16 bits, see pack_fragments()
  const float* norm;         ///< [slots] not below |h|; infinite where the factors are not finite
  const Code* code_of_slot;  ///< [slots]
  const Code* slot_of_code;  ///< [items]
  const Code* code_of_rank;  ///< [items]
  const Code* rank_of_code;  ///< [items]
  Offset items;
  Offset dim;
  Offset depth;
  Offset tiles;
};

/// Items made ready on the device.
class ResidentItems {
 public:
  /// @throws DoesNotFit
  ResidentItems(Matrix<const float> factors, std::span<const std::int64_t> popularity);
  DeviceItems view() const;

 private:
  Offset items_, dim_;
  Stream stream_;  // of the buffers
  Buffer<float> packed_, rows_, norm_;
  Buffer<uint4> fragments_;
  Buffer<Code> code_of_slot_, slot_of_code_, code_of_rank_, rank_of_code_;
};

/// Where the items do not fit onto the device, score_top_k makes them ready part by part.
class CudaItemIndex : public ItemIndex {
 public:
  CudaItemIndex(Matrix<const float> factors, std::span<const std::int64_t> popularity);
  const ResidentItems* resident() const { return resident_.get(); }  ///< or nullptr
  const Matrix<const float>& factors() const { return factors_; }
  std::span<const std::int64_t> popularity() const { return popularity_; }

 private:
  Matrix<const float> factors_;
  std::span<const std::int64_t> popularity_;
  std::unique_ptr<const ResidentItems> resident_;
};
/// Parts of items have a multiple of so many, so that a bit set can be cut; fewer are not divided.
inline constexpr Offset kLeastPart = 64;

/// Norms of rows [rows, dim] without gaps, rounded up: out[r] >= |row r|, and at least the smallest normal float;
/// infinite where the row is not finite.
void upper_norms(const Stream& stream, const float* rows, Offset count, Offset dim, float* out);

/// The rows order[0], order[1], ... (as they come where `order` is null) in the layout of the scan.
/// packed  [tiles_of(count), depth_of(dim), kTile]
void pack_tiles(const Stream& stream, const float* rows, const Code* order, Offset count, Offset dim, float* packed);

/// The same in 16 bits, in the order in which the lanes of a warp hand them to the tensor cores (PTX, mma.m16n8k16):
/// out  [tiles_of(count), fragment_steps(dim), kFragments, 32]. A fragment holds kDepth dimensions of 16 users, or of
/// twice 8 items.
enum class Side { kUsers, kItems };
inline Offset fragment_steps(Offset dim) {
  return (dim + 2 * kDepth - 1) / (2 * kDepth) * 2;  // two of them are staged at a time
}
inline Offset fragments_size(Offset rows, Offset dim) {
  return tiles_of(rows) * fragment_steps(dim) * kFragments * 32;
}
void pack_fragments(const Stream& stream, const float* rows, const Code* order, Offset count, Offset dim, Side side,
                    uint4* out);

}  // namespace nextbest::cuda
