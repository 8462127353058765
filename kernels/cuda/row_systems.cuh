#pragma once

#include <cstdint>
#include <vector>

#include "kernels/core/host_device.hpp"
#include "kernels/cuda/buffer.hpp"
#include "kernels/cuda/device/warp.cuh"

namespace nextbest::cuda {

/// The systems of a chunk of rows as kernels see them. Vectors of factors are kept as pairs of 16-bit numbers, closed
/// by zeros to whole quads of pairs.
struct DeviceSystems {
  DeviceCsr ratings;
  const uint4* factors;  ///< [items, quads]
  const float* dense;    ///< [padded()] alpha0 * eigenvalues, closed by zeros
  Offset dim;
  int quads;
  double constant;  ///< of the frequency: alpha0 * items
  double regularization;
  double exponent;
  int steps;
  float* out;               ///< [rows, dim] start and solution
  unsigned long long* bad;  ///< the first row without a finite solution

  NEXTBEST_HOST_DEVICE int pairs() const { return 4 * quads; }
  NEXTBEST_HOST_DEVICE int padded() const { return 8 * quads; }
};

/// No sum over the entries of a row runs on for longer; longer rows add the sums of such pieces.
inline constexpr int kPieceEntries = 128;

/// A stretch of a row's entries.
struct LongPiece {
  int row;  ///< among the long ones
  int count;
  Offset begin;
};

/// What a long row is, and where it stands between two launches.
struct LongRow {
  Code row;
  float ridge;
  float rz;  ///< r . M^-1 r
  bool done;
};

struct LongRows {
  /// indptr  of the chunk that holds them
  LongRows(std::span<const Code> numbers, std::span<const Offset> indptr);

  std::vector<LongRow> rows;
  std::vector<LongPiece> pieces;
  std::vector<int> first_piece;  ///< [rows + 1]
};

/// All three read `rows` from the host when the stream gets there. Rows of up to kDualRowLimit entries and fewer than
/// dim, empty ones too.
void solve_dual(const Stream& stream, const DeviceSystems& systems, std::span<const Code> rows);
/// Rows of up to `capacity` <= kPieceEntries entries by conjugate gradients, a warp for each.
void solve_middle(const Stream& stream, const DeviceSystems& systems, std::span<const Code> rows, int capacity);
/// Rows of any length, a warp for each piece of them; `capacity` entries are staged at a time.
void solve_long(const Stream& stream, const DeviceSystems& systems, const LongRows& rows, int capacity);
/// Shared memory that solve_middle and solve_long take.
std::size_t shared_bytes(int quads, int capacity);

__device__ inline float lower_half(std::uint32_t pair) {
  return __uint_as_float(pair << 16);
}
__device__ inline float upper_half(std::uint32_t pair) {
  return __uint_as_float(pair & 0xFFFF'0000u);
}

/// reg * f^nu of a row. The whole warp must call it.
__device__ inline float ridge_of(const DeviceSystems& s, Offset row) {
  const Offset begin = s.ratings.indptr[row], end = s.ratings.indptr[row + 1];
  double weight = 0;
  if (s.ratings.values == nullptr)
    weight = static_cast<double>(end - begin);
  else {
    for (Offset i = begin + lane_of_thread(); i < end; i += kWarpSize)
      weight += static_cast<double>(s.ratings.values[i]);
    weight = warp_sum(weight);
  }
  const double frequency = s.constant + weight;
  return static_cast<float>(s.regularization * (s.exponent == 1 ? frequency : pow(frequency, s.exponent)));
}

__device__ inline void report_row(const DeviceSystems& s, Offset row) {
  atomicMin(s.bad, static_cast<unsigned long long>(row));
}

}  // namespace nextbest::cuda
