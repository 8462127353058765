#include <algorithm>

#include "kernels/cuda/device/warp.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/row_sums.hpp"
#include "kernels/cuda/transpose.hpp"

namespace nextbest::cuda {
namespace {

constexpr int kThreads = 128;

/// Rows that a warp adds up: entries [begin, end) of the transposed y.
struct Piece {
  Offset begin, end;
  float* to;    // [n]
  Offset most;  // numbers of a row that count
};

// Warp: one piece after another, row by row. Lane: every 32nd entry of the row. Result: added to piece.to.
__global__ void __launch_bounds__(kThreads)
    sum_rows_kernel(DeviceCsr x, DeviceCsr by_target, const float* weight, const Piece* pieces, Offset count) {
  const Offset warps = static_cast<Offset>(gridDim.x) * (kThreads / kWarpSize);
  for (Offset p = (static_cast<Offset>(blockIdx.x) * kThreads + threadIdx.x) / kWarpSize; p < count; p += warps) {
    const Piece piece = pieces[p];
    for (Offset e = piece.begin; e < piece.end; ++e) {
      const Code r = by_target.indices[e];
      const float y = by_target.values == nullptr ? 1.0F : by_target.values[e];
      const float own = weight == nullptr ? y : weight[r] * y;
      for (Offset i = x.indptr[r] + lane_of_thread(); i < x.indptr[r + 1]; i += kWarpSize) {
        const Code column = x.indices[i];
        if (column < piece.most) piece.to[column] += own * (x.values == nullptr ? 1.0F : x.values[i]);
      }
      __syncwarp();  // a row is added before the next one
    }
  }
}

// Thread: a column. Result: the sums of later pieces, added in their order to what the first ones hold.
__global__ void __launch_bounds__(kThreads)
    add_pieces_kernel(const float* later, float* const* to, Offset pieces, Offset n) {
  for_each_index(n, [&](Offset c) {
    for (Offset p = 0; p < pieces; ++p) to[p][c] += later[p * n + c];
  });
}

}  // namespace

RowSums::RowSums(const Stream& stream, const CsrView<float>& x, const CsrView<float>& y, std::span<const float> weight)
    : x_(stream, x),
      by_target_(transpose_on_device(stream, CsrBuffer(stream, y).view())),
      weight_(to_device(stream, weight)),
      indptr_(y.cols + 1) {
  to_host(stream, by_target_.view().indptr, std::span(indptr_));
  stream.synchronize();
}

void RowSums::sum(const Stream& stream, Offset begin, Offset end, bool lower, float* to) const {
  const Offset n = size();
  Offset pieces_behind = 0;
  for (Offset t = begin; t < end; ++t)
    pieces_behind += std::max<Offset>(0, (indptr_[t + 1] - indptr_[t] - 1) / kRowsOfPiece);
  const Buffer<float> later = zeros<float>(stream, pieces_behind * n);
  std::vector<Piece> pieces;
  std::vector<float*> first;  // of the target that a later piece belongs to
  for (Offset t = begin; t < end; ++t) {
    float* const own = to + (t - begin) * n;
    for (Offset e = indptr_[t]; e < indptr_[t + 1]; e += kRowsOfPiece) {
      const bool is_first = e == indptr_[t];
      pieces.push_back({e, std::min(e + kRowsOfPiece, indptr_[t + 1]),
                        is_first ? own : later.data() + static_cast<Offset>(first.size()) * n, lower ? t + 1 : n});
      if (!is_first) first.push_back(own);
    }
  }
  const DeviceLimits device = device_limits(stream);
  const auto count = static_cast<Offset>(pieces.size());
  const Buffer<Piece> on_device = to_device(stream, std::span<const Piece>(pieces));
  const Buffer<float*> targets = to_device(stream, std::span<float* const>(first));
  launch(stream, "sum_rows_kernel", for_elements(device, count * kWarpSize, kThreads), sum_rows_kernel, x_.view(),
         by_target_.view(), weight_.data(), on_device.data(), count);
  if (pieces_behind > 0)
    launch(stream, "add_pieces_kernel", for_elements(device, n, kThreads), add_pieces_kernel, later.data(),
           targets.data(), pieces_behind, n);
  stream.synchronize();
}

}  // namespace nextbest::cuda
