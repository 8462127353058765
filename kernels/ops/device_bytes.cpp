#include "kernels/ops/device_bytes.hpp"

#include <bit>

namespace nextbest {
namespace {

std::int64_t up_to(std::int64_t n, std::int64_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}
std::int64_t per_row(std::int64_t entries, std::int64_t rows) {
  return (entries + rows - 1) / std::max<std::int64_t>(rows, 1);
}
std::int64_t rating_bytes(const RatingSize& size) {
  return 8 + per_row(size.entries, size.rows) * (size.with_values ? 8 : 4);
}

}  // namespace

DevicePeak device_peak(const DeviceNeed& need, std::int64_t budget) {
  std::int64_t size = std::max<std::int64_t>(1, std::min(need.rows, need.at_a_time));
  while (size > 1 && need.fixed + size * need.row > budget) size = (size + 1) / 2;
  const std::int64_t pieces = std::max<std::int64_t>(1, (need.rows + size - 1) / size);
  const std::int64_t one = need.fixed + size * need.row, two = one + size * need.row;
  return {pieces > 1 && two <= budget ? two : one, pieces};
}

std::int64_t pair_index_device_bytes(const PairDeviceSize& size) {
  const std::int64_t unit = 8 + (size.weighted ? 8 : 0) + (size.with_customers ? 4 : 0) + 4;
  return size.units * unit + 8 * size.lines + 4 * 8 * size.items;
}

DevicePeak index_pairs_device_peak(const PairDeviceSize& size) {
  const std::int64_t sorted = 8 * size.units + 8 * size.items + (8 + 16) * size.lines;
  return {std::max(sorted, pair_index_device_bytes(size) + (size.weighted ? 16 : 8) * size.items), 1};
}

// Only what comes first in popularity has so many increments: at most a tenth of all of them.
DevicePeak pair_top_k_device_peak(const PairDeviceSize& size, std::int64_t rows, std::int64_t k, std::int64_t budget) {
  const std::int64_t index = pair_index_device_bytes(size), quarter = std::max<std::int64_t>(0, budget - index) / 4;
  const std::int64_t at_a_time = std::clamp<std::int64_t>(std::min(kPairListBytes, quarter) / (kPairPlaceBytes * k), 1,
                                                          std::max<std::int64_t>(rows, 1));
  const std::int64_t lists = at_a_time * (kPairPlaceBytes * k + 8);
  const std::int64_t increments = size.lines * per_row(size.lines, size.units);
  const std::int64_t row = size.items * (size.weighted || size.with_customers ? 16 : 4);
  const std::int64_t heavy = increments / 10 > kHeavyPairWork ? increments / kHeavyPairWork : 0;
  const std::int64_t dense =
      std::min(std::min(heavy, size.items) * row, std::max(row, std::min(kDenseCounterBytes, quarter)));
  return {index + lists + (heavy > 0 ? dense : 0), (rows + at_a_time - 1) / at_a_time};
}

DeviceNeed transpose_device_need(std::int64_t rows, std::int64_t cols, std::int64_t entries, bool with_values) {
  const std::int64_t entry = with_values ? 8 + 8 + 2 * 12 : 4 + 4 + 2 * 8;
  return {8 * cols, 8 + per_row(entries, rows) * entry, rows, rows};
}

DeviceNeed gramian_device_need(std::int64_t rows, std::int64_t dim) {
  constexpr std::int64_t kMostParts = 1024, kLeastRows = 256;
  const std::int64_t parts = std::min(kMostParts, (rows + kLeastRows - 1) / kLeastRows);
  return {(parts + 1) * dim * dim * 8, 4 * dim, rows, rows_of_factors_at_a_time(dim)};
}

DeviceNeed rotate_device_need(std::int64_t rows, std::int64_t dim) {
  return {4 * dim * dim, (4 + 4 + 2) * dim, rows, rows_of_factors_at_a_time(dim)};
}

DeviceNeed solve_rows_device_need(const RatingSize& size, std::int64_t dim) {
  return {size.items * up_to(2 * dim, 16) + 4 * dim, rating_bytes(size) + 4 * dim + 4, size.rows, kSolvedRowsAtATime};
}

DeviceNeed embedding_loss_device_need(const RatingSize& size, std::int64_t dim) {
  return {size.items * 4 * dim + 16 * size.rows, rating_bytes(size) + 4 * dim, size.rows,
          rows_of_factors_at_a_time(dim)};
}

// Of x, of y and of y transposed, the last while it is sorted; then the equations with what right-hand sides are summed
// from.
DevicePeak regression_device_peak(const RatingSize& x, std::int64_t right_entries, std::int64_t k,
                                  std::int64_t budget) {
  const std::int64_t entry = x.with_values ? 8 : 4, square = 4 * x.items * x.items;
  const auto sums = [&](std::int64_t left, std::int64_t right) {
    return 8 * (x.rows + x.items) + entry * (left + right);
  };
  const auto sorting = [&](std::int64_t entries) { return 8 * x.rows + (x.with_values ? 32 : 20) * entries; };
  const std::int64_t gramian = sums(x.entries, x.entries) + sorting(x.entries);
  const std::int64_t right = right_entries == 0 ? 0 : sums(x.entries, right_entries);
  const DeviceNeed lists{square + right, 4 * x.items + 8 * k, x.items, targets_at_a_time(x.items)};
  const DevicePeak listed = device_peak(lists, budget);
  return {std::max(square + gramian, listed.bytes), listed.pieces};
}

// Where the tensor cores screen: rows of whole 16 dimensions, and in 16 bits of whole 32; see item_index.hpp of
// kernels/cuda.
std::int64_t item_index_device_bytes(std::int64_t items, std::int64_t dim) {
  const bool screened = 64 <= dim && dim <= 512;
  const std::int64_t tiled = up_to(items, 128);
  return (screened ? items * 4 * up_to(dim, 16) + tiled * 2 * up_to(dim, 32) : tiled * 4 * up_to(dim, 16)) + 20 * items;
}
std::int64_t index_items_device_bytes(std::int64_t items, std::int64_t dim) {
  return item_index_device_bytes(items, dim) + items * (4 * dim + 4 + 8 + 8 + 16);
}

DeviceNeed score_top_k_device_need(const RatingSize& size, std::int64_t dim, std::int64_t k) {
  const bool screened = 64 <= dim && dim <= 512;
  const std::int64_t tiles = screened ? 2 * up_to(dim, 32) : 4 * up_to(dim, 16);
  const std::int64_t user = 4 * dim + tiles + 5 * 4 + 8 * k + 8 * finds_of_list(k, size.items) + 16;
  return {item_index_device_bytes(size.items, dim), user + rating_bytes(size), size.rows, kScoredUsersAtATime};
}

std::int64_t finds_of_list(std::int64_t k, std::int64_t items) {
  return static_cast<std::int64_t>(std::bit_ceil(
      static_cast<std::uint64_t>(2 * std::min(k, items) + kFindsBeforeCut + kFindsBeforeSettled + kScoreTile)));
}

DeviceNeed sequence_top_k_device_need(const SequenceDeviceSize& size, std::int64_t rows, std::int64_t k,
                                      std::int64_t budget) {
  const std::int64_t line = 4 * (4 + (size.with_days ? 1 : 0) + (size.with_weights ? 1 : 0));
  const std::int64_t fixed = 8 * size.customers + line * size.lines + 3 * 8 * size.items;
  const bool wide = size.items + size.items / 2 > kWidestSharedTable;
  return {fixed + (wide ? std::min(kWideTableBytes, std::max<std::int64_t>(0, budget - fixed) / 4) : 0), 8 * k + 8 + 8,
          rows, kTableRowsAtATime};
}

}  // namespace nextbest
