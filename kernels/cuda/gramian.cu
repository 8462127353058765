#include <algorithm>
#include <memory>

#include "kernels/core/host_device.hpp"
#include "kernels/cuda/buffer.hpp"
#include "kernels/cuda/chunks.hpp"
#include "kernels/cuda/device/shared.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/ops/device_bytes.hpp"
#include "kernels/ops/gramian.hpp"

namespace nextbest::cuda {
namespace {

constexpr int kTile = 64;    // columns of H on either side of a block's piece of G
constexpr int kChunk = 16;   // rows of H staged at a time
constexpr int kPanel = 128;  // rows of H summed in float
constexpr int kSide = 16;    // threads along either side; each holds a 4 x 4 piece
constexpr int kPiece = kTile / kSide;
constexpr int kThreads = kSide * kSide;

struct Shape {
  Offset rows;
  Offset dim;
  Offset part_rows;  // rows of H that one partial sum covers; follows from rows and dim alone
  Offset parts;
  int tiles;  // along one side of G

  NEXTBEST_HOST_DEVICE int tile_pairs() const { return tiles * (tiles + 1) / 2; }
};

Shape make_shape(Offset rows, Offset dim) {
  constexpr Offset kBlocks = 1024, kLeastRows = 256;
  const int tiles = static_cast<int>((dim + kTile - 1) / kTile);
  Shape shape{rows, dim, 0, 0, tiles};
  const Offset most_parts = std::max<Offset>(kBlocks / std::max(shape.tile_pairs(), 1), 8);
  const Offset wanted = std::max((rows + most_parts - 1) / most_parts, kLeastRows);
  shape.part_rows = (wanted + kPanel - 1) / kPanel * kPanel;
  shape.parts = (rows + shape.part_rows - 1) / shape.part_rows;
  return shape;
}

// The tiles of the lower triangle, row by row.
__device__ void tile_of_pair(int pair, int& row, int& col) {
  row = 0;
  while (pair > row) pair -= ++row;
  col = pair;
}

// Rows [begin, begin + kChunk) of 64 columns; beyond the rows of the part and the columns of H there is 0.
__device__ void stage(const float* factors, const Shape& shape, Offset begin, Offset end, Offset column,
                      float (&tile)[kChunk][kTile]) {
  for (int i = static_cast<int>(threadIdx.x); i < kChunk * kTile; i += kThreads) {
    const Offset r = begin + i / kTile, c = column + i % kTile;
    tile[i / kTile][i % kTile] = r < end && c < shape.dim ? factors[r * shape.dim + c] : 0.0F;
  }
}

// Block: one 64 x 64 tile of the partial G of one part of the rows. Thread: 4 x 4 entries of it, in registers; panels
// of 128 rows in float, their sums in double. Result: partial [parts, dim, dim], lower triangle of tiles.
__global__ void __launch_bounds__(kThreads) partial_gramian_kernel(const float* factors, Shape shape, double* partial) {
  __shared__ Shared<float[kChunk][kTile]> left;
  __shared__ Shared<float[kChunk][kTile]> right;
  const Offset part = blockIdx.x / shape.tile_pairs();
  int tile_row, tile_col;
  tile_of_pair(static_cast<int>(blockIdx.x % shape.tile_pairs()), tile_row, tile_col);
  const int x = static_cast<int>(threadIdx.x) % kSide, y = static_cast<int>(threadIdx.x) / kSide;
  const Offset first = part * shape.part_rows;
  const Offset end = first + shape.part_rows < shape.rows ? first + shape.part_rows : shape.rows;
  double sum[kPiece][kPiece] = {};
  float panel[kPiece][kPiece] = {};
  for (Offset begin = first; begin < end; begin += kChunk) {
    stage(factors, shape, begin, end, Offset{tile_row} * kTile, left);
    stage(factors, shape, begin, end, Offset{tile_col} * kTile, right);
    __syncthreads();  // staged before it is read
    for (int r = 0; r < kChunk; ++r)
      for (int i = 0; i < kPiece; ++i)
        for (int j = 0; j < kPiece; ++j)
          panel[i][j] = fmaf(left[r][y + i * kSide], right[r][x + j * kSide], panel[i][j]);
    if ((begin - first + kChunk) % kPanel == 0 || begin + kChunk >= end)
      for (int i = 0; i < kPiece; ++i)
        for (int j = 0; j < kPiece; ++j) {
          sum[i][j] += panel[i][j];
          panel[i][j] = 0;
        }
    __syncthreads();  // read before the next chunk is staged
  }
  for (int i = 0; i < kPiece; ++i)
    for (int j = 0; j < kPiece; ++j) {
      const Offset row = Offset{tile_row} * kTile + y + i * kSide, col = Offset{tile_col} * kTile + x + j * kSide;
      if (row < shape.dim && col < shape.dim) partial[(part * shape.dim + row) * shape.dim + col] = sum[i][j];
    }
}

// Thread: an entry of the lower triangle, summed over the parts in their order, written to both triangles.
__global__ void sum_parts_kernel(const double* partial, Shape shape, double* out) {
  for_each_index(shape.dim * shape.dim, [&](Offset at) {
    const Offset row = at / shape.dim, col = at % shape.dim;
    if (col > row) return;
    double sum = 0;
    for (Offset part = 0; part < shape.parts; ++part) sum += partial[part * shape.dim * shape.dim + at];
    out[at] = sum;
    out[col * shape.dim + row] = sum;
  });
}

/// Parts [begin, end) on their way, see in_chunks().
class Chunk {
 public:
  Chunk(Matrix<const float> factors, const Shape& shape, Offset begin, Offset end, double* partial)
      : stream_("gramian"),
        factors_(
            to_device(stream_, factors.slice(begin * shape.part_rows, std::min(end * shape.part_rows, shape.rows)))) {
    Shape own = shape;
    own.rows = std::min(end * shape.part_rows, shape.rows) - begin * shape.part_rows;
    own.parts = end - begin;
    launch(stream_, "partial_gramian_kernel", {own.parts * own.tile_pairs(), kThreads, 0}, partial_gramian_kernel,
           factors_.data(), own, partial + begin * shape.dim * shape.dim);
  }
  void finish() { stream_.synchronize(); }

 private:
  Stream stream_;
  Buffer<float> factors_;
};

}  // namespace

// Which rows make a part does not depend on how many parts are on the device at a time.
void gramian(Context& ctx, Matrix<const float> factors, Matrix<double> out) {
  if (out.empty()) return;
  const Context to_the_end{ctx.device, ctx.threads, {}, {}};
  const Stream stream("gramian");
  const Offset dim = factors.cols;
  const Shape shape = make_shape(factors.rows, dim);
  const Buffer<double> partial(stream, shape.parts * dim * dim), sum(stream, dim * dim);
  stream.synchronize();
  const Offset part_bytes = shape.part_rows * dim * static_cast<Offset>(sizeof(float));
  in_chunks(
      to_the_end, shape.parts, std::max<Offset>(1, kFactorBytesAtATime / part_bytes),
      [&](Offset begin, Offset end) { return std::make_unique<Chunk>(factors, shape, begin, end, partial.data()); });
  launch(stream, "sum_parts_kernel", for_elements(device_limits(stream), dim * dim), sum_parts_kernel, partial.data(),
         shape, sum.data());
  to_host(stream, static_cast<const double*>(sum.data()), out);
  stream.synchronize();
}

}  // namespace nextbest::cuda
