#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/core/types.hpp"

namespace nextbest {

// How the operations use the memory of a GPU: the sizes of the pieces that they work in (kernels/cuda takes them from
// here), and the bytes that follow, for plans. kernels/core/devices.hpp has the limit and what was measured.

inline constexpr Offset kScoredUsersAtATime = Offset{1} << 18;
inline constexpr Offset kSolvedRowsAtATime = Offset{1} << 20;
inline constexpr Offset kTableRowsAtATime = Offset{1} << 17;        ///< of nearest_rows, sequence_top_k
inline constexpr Offset kFactorBytesAtATime = Offset{1} << 28;      ///< of gramian, rotate, embedding_loss
inline constexpr std::int64_t kPairListBytes = 512LL << 20;         ///< a quarter of what is free at most
inline constexpr std::int64_t kPairPlaceBytes = 4 + 4 + 3 * 8 + 8;  ///< of a place in the lists of pair_top_k
inline constexpr std::int64_t kDenseCounterBytes = 1LL << 30;       ///< likewise
inline constexpr std::int64_t kHeavyPairWork = 4'000'000;   ///< increments from which a row is counted in such counters
inline constexpr std::int64_t kWideTableBytes = 4LL << 30;  ///< likewise
inline constexpr Offset kWidestSharedTable = 8192;          ///< slots of the largest table in shared memory

inline Offset rows_of_factors_at_a_time(Offset dim) {
  return std::max<Offset>(1, kFactorBytesAtATime / (4 * std::max<Offset>(dim, 1)));
}

/// What a call takes: bytes that it holds in any case, bytes for each of its rows that is under way, and how many of
/// those it takes at a time where there is room. Two pieces of them are under way at once, so that one computes while
/// the other one's data travel.
struct DeviceNeed {
  std::int64_t fixed = 0;
  std::int64_t row = 0;
  std::int64_t rows = 0;
  std::int64_t at_a_time = 1;
};
struct DevicePeak {
  std::int64_t bytes = 0;
  std::int64_t pieces = 1;
};
/// As in_chunks() (kernels/cuda/chunks.hpp) goes about it with so many bytes of device memory: above them where one row
/// alone does not fit.
DevicePeak device_peak(const DeviceNeed& need, std::int64_t budget);

/// The units of pair_top_k on a GPU.
struct PairDeviceSize {
  std::int64_t units = 0, lines = 0, items = 0;
  bool weighted = false, with_customers = false;
};
std::int64_t pair_index_device_bytes(const PairDeviceSize& size);
/// While the index is made.
DevicePeak index_pairs_device_peak(const PairDeviceSize& size);
/// k pairs for each of `rows` items of a call, the index included.
DevicePeak pair_top_k_device_peak(const PairDeviceSize& size, std::int64_t rows, std::int64_t k, std::int64_t budget);

/// A sparse matrix [rows, cols] on the way through transpose.
DeviceNeed transpose_device_need(std::int64_t rows, std::int64_t cols, std::int64_t entries, bool with_values);
/// Factors [rows, dim].
DeviceNeed gramian_device_need(std::int64_t rows, std::int64_t dim);
DeviceNeed rotate_device_need(std::int64_t rows, std::int64_t dim);
/// Ratings [rows, items] of `entries`, against factors [items, dim].
struct RatingSize {
  std::int64_t rows = 0, items = 0, entries = 0;
  bool with_values = false;
};
/// Rows of up to 128 entries; longer ones take dim / 16 bytes more for each of theirs.
DeviceNeed solve_rows_device_need(const RatingSize& size, std::int64_t dim);
DeviceNeed embedding_loss_device_need(const RatingSize& size, std::int64_t dim);

/// Regressions on n predictors (ease_top_k, ridge_top_k): targets whose solutions lie on the device at a time.
inline constexpr std::int64_t kSolutionBytes = 256LL << 20;
inline Offset targets_at_a_time(Offset predictors) {
  return std::max<Offset>(1, kSolutionBytes / (4 * std::max<Offset>(predictors, 1)));
}
/// x [rows, items] of the regression and its lists of k.  right_entries  of y, where that is not x (ridge_top_k)
DevicePeak regression_device_peak(const RatingSize& x, std::int64_t right_entries, std::int64_t k, std::int64_t budget);

/// Items [items, dim] as index_items keeps them, and while they are made ready.
std::int64_t item_index_device_bytes(std::int64_t items, std::int64_t dim);
std::int64_t index_items_device_bytes(std::int64_t items, std::int64_t dim);
/// k places for each of size.rows users, of whom size.entries items are not to be offered; the index included.
DeviceNeed score_top_k_device_need(const RatingSize& size, std::int64_t dim, std::int64_t k);
inline constexpr int kScoreTile = 128;          ///< users, and items, that a block scores at a time
inline constexpr int kFindsBeforeCut = 32;      ///< beyond twice the room
inline constexpr int kFindsBeforeSettled = 32;  ///< a warp's lanes look at as many at once
/// How many finds a list of k has room for: twice what it keeps, and a tile of finds more. A power of two.
std::int64_t finds_of_list(std::int64_t k, std::int64_t items);

/// Sequences, and k places for each of `rows` items of a call.
struct SequenceDeviceSize {
  std::int64_t customers = 0, lines = 0, items = 0;
  bool with_days = false, with_weights = false;
};
DeviceNeed sequence_top_k_device_need(const SequenceDeviceSize& size, std::int64_t rows, std::int64_t k,
                                      std::int64_t budget);

}  // namespace nextbest
