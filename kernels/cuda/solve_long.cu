#include <algorithm>

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/row_pcg.cuh"

namespace nextbest::cuda {
namespace {

constexpr int kSumThreads = 256, kSumWarps = kSumThreads / kWarpSize;

// What is known of the long rows between two launches, vectors [rows, padded].
struct LongState {
  LongRow* rows;
  const int* first_piece;  // [rows + 1]
  const LongPiece* pieces;
  float *w, *r, *inverse, *direction, *product;
  float* sums;         // [pieces, padded] of each piece
  float* squares;      // [pieces, padded] likewise, in the first pass
  float* dot_squares;  // [pieces] sum of c (h . p)^2

  __device__ PcgVectors vectors(Offset at, int padded) const {
    return {w + at * padded, r + at * padded, inverse + at * padded, direction + at * padded, product + at * padded};
  }
};

// Block: one warp, one piece of a row; `capacity` entries are staged at a time. Lane: an entry in products of vectors,
// a pair of dimensions in sums of them. Result: sums of the piece; in the first pass sum of c (1 - h . w) h, and
// squares, sum of c h^2; later sum of c (h . p) h, and dot_squares.
template <bool kFirst>
__global__ void __launch_bounds__(kWarpSize) piece_kernel(DeviceSystems s, LongState state, int capacity) {
  const LongPiece piece = state.pieces[blockIdx.x];
  if (state.rows[piece.row].done) return;
  auto* memory = dynamic_shared<float>();
  const int padded = s.padded();
  float *x = memory, *sum = memory + padded, *squares = memory + 2 * padded;
  const StagedEntries staged = staged_behind(memory, padded, 3, capacity);
  const float* from = (kFirst ? state.w : state.direction) + Offset{piece.row} * padded;
  for_own_dims(s.pairs(), [&](int k) {
    x[k] = from[k];
    sum[k] = squares[k] = 0;
  });
  float square = 0;
  for (int begin = 0; begin < piece.count; begin += capacity) {
    const int count = piece.count - begin < capacity ? piece.count - begin : capacity;
    stage(s, piece.begin + begin, count, staged);
    __syncwarp();  // entries and x are there
    if (kFirst)
      scale_by_errors(staged, count, x, s.pairs());
    else
      square += scale_by_dots(staged, count, x, s.pairs());
    __syncwarp();  // scales of all entries are there
    combine<kFirst>(staged, count, s.pairs(), sum, squares);
    __syncwarp();  // used before others are staged
  }
  const Offset at = static_cast<Offset>(blockIdx.x) * padded;
  for_own_dims(s.pairs(), [&](int k) {
    state.sums[at + k] = sum[k];
    if (kFirst) state.squares[at + k] = squares[k];
  });
  square = warp_sum(square);
  if (!kFirst && lane_of_thread() == 0) state.dot_squares[blockIdx.x] = square;
}

// Block: 32 dimensions of a row, whose pieces' sums are added in stretches, one per warp, and then stretch by stretch:
// an order that follows from the number of pieces alone. Result: out [rows, padded].
__global__ void __launch_bounds__(kSumThreads)
    sum_pieces_kernel(LongState state, const float* sums, int padded, float* out) {
  __shared__ Shared<float[kSumWarps][kWarpSize]> of_warp;
  const int tiles = (padded + kWarpSize - 1) / kWarpSize;
  const int row = static_cast<int>(blockIdx.x) / tiles, warp = static_cast<int>(threadIdx.x) / kWarpSize;
  const int k = static_cast<int>(blockIdx.x) % tiles * kWarpSize + lane_of_thread();
  const int first = state.first_piece[row], pieces = state.first_piece[row + 1] - first;
  const int each = (pieces + kSumWarps - 1) / kSumWarps;
  const int end = (warp + 1) * each < pieces ? (warp + 1) * each : pieces;
  float sum = 0;
  if (k < padded)
    for (int p = warp * each; p < end; ++p) sum += sums[Offset{first + p} * padded + k];
  of_warp[warp][lane_of_thread()] = sum;
  __syncthreads();  // sums of all stretches are there
  if (warp != 0 || k >= padded) return;
  for (int i = 1; i < kSumWarps; ++i) sum += of_warp[i][k % kWarpSize];
  out[Offset{row} * padded + k] = sum;
}

// Warp: one row after another. Result: its state before the first pass.
__global__ void __launch_bounds__(kWarpSize) open_kernel(DeviceSystems s, LongState state, int count) {
  for (int i = static_cast<int>(blockIdx.x); i < count; i += static_cast<int>(gridDim.x)) {
    const Code row = state.rows[i].row;
    const float ridge = ridge_of(s, row);
    load_start(s, row, state.w + Offset{i} * s.padded());
    __syncwarp();  // the row's number is read before its state is written
    if (lane_of_thread() == 0) state.rows[i] = {row, ridge, 0, false};
  }
}

// Warp: one row. Writes the solution and marks the row as done.
__device__ void close_row(const DeviceSystems& s, LongRow& row, const PcgVectors& v, bool finite) {
  finite = store_solution(s, row.row, v.w) && finite;
  __syncwarp();  // all lanes have read what the row says
  if (lane_of_thread() != 0) return;
  if (!finite) report_row(s, row.row);
  row.done = true;
}

// Goes on with the row when there is a residual, and closes it when not.
__device__ void go_on(const DeviceSystems& s, LongRow& row, const PcgVectors& v, float rz) {
  if (!std::isfinite(rz) || rz < FLT_MIN) return close_row(s, row, v, std::isfinite(rz));
  __syncwarp();  // all lanes have read what the row says
  if (lane_of_thread() == 0) row.rz = rz;
}

// Warp: one row after another, from the sums of the first pass. Result: everything for the first step.
__global__ void __launch_bounds__(kWarpSize) start_kernel(DeviceSystems s, LongState state, int count) {
  for (int i = static_cast<int>(blockIdx.x); i < count; i += static_cast<int>(gridDim.x)) {
    const PcgVectors v = state.vectors(i, s.padded());
    go_on(s, state.rows[i], v, start_steps(s, state.rows[i].ridge, v));
  }
}

// Warp: one row after another, from the sums over its data. Result: its state after a step, or after the last one the
// solution.
__global__ void __launch_bounds__(kWarpSize) step_kernel(DeviceSystems s, LongState state, int count, bool last) {
  for (int i = static_cast<int>(blockIdx.x); i < count; i += static_cast<int>(gridDim.x)) {
    LongRow& row = state.rows[i];
    if (row.done) continue;
    const PcgVectors v = state.vectors(i, s.padded());
    float square = 0;
    for (int p = state.first_piece[i] + lane_of_thread(); p < state.first_piece[i + 1]; p += kWarpSize)
      square += state.dot_squares[p];
    const float alpha = row.rz / (warp_sum(square) + dense_square(s, row.ridge, v.direction));
    advance(s, alpha, v);
    if (last) {
      close_row(s, row, v, true);
      continue;
    }
    const float next = reduce_residual(s, row.ridge, alpha, v);
    turn(s, next / row.rz, v);
    go_on(s, row, v, next);
  }
}

/// The launches of one batch of long rows.
class LongCall {
 public:
  LongCall(const Stream& stream, const DeviceSystems& systems, const LongRows& plan, int capacity)
      : stream_(stream),
        systems_(systems),
        count_(static_cast<int>(plan.rows.size())),
        pieces_(static_cast<Offset>(plan.pieces.size())),
        capacity_(capacity),
        rows_(to_device(stream, std::span<const LongRow>(plan.rows))),
        piece_(to_device(stream, std::span<const LongPiece>(plan.pieces))),
        first_piece_(to_device(stream, std::span<const int>(plan.first_piece))),
        vectors_(stream, Offset{5} * count_ * systems.padded()),
        sums_(stream, (2 * systems.padded() + 1) * pieces_) {
    const Offset size = Offset{count_} * systems.padded(), sums = pieces_ * systems.padded();
    float* v = vectors_.data();
    state_ = {rows_.data(), first_piece_.data(), piece_.data(),          v,
              v + size,     v + 2 * size,        v + 3 * size,           v + 4 * size,
              sums_.data(), sums_.data() + sums, sums_.data() + 2 * sums};
  }

  void solve() {
    by_row("open_kernel", open_kernel);
    by_piece("piece_kernel<true>", piece_kernel<true>);
    sum(state_.sums, state_.r);
    sum(state_.squares, state_.inverse);
    by_row("start_kernel", start_kernel);
    for (int step = 1; step <= systems_.steps; ++step) {
      by_piece("piece_kernel<false>", piece_kernel<false>);
      sum(state_.sums, state_.product);
      by_row("step_kernel", step_kernel, step == systems_.steps);
    }
  }

 private:
  template <class Kernel, class... More>
  void by_row(const char* name, Kernel kernel, More... more) {
    launch(stream_, name, {count_, kWarpSize, 0}, kernel, systems_, state_, count_, more...);
  }
  template <class Kernel>
  void by_piece(const char* name, Kernel kernel) {
    launch(stream_, name, {pieces_, kWarpSize, shared_bytes(systems_.quads, capacity_)}, kernel, systems_, state_,
           capacity_);
  }
  void sum(const float* sums, float* out) {
    const Offset tiles = (systems_.padded() + kWarpSize - 1) / kWarpSize;
    launch(stream_, "sum_pieces_kernel", {count_ * tiles, kSumThreads, 0}, sum_pieces_kernel, state_, sums,
           systems_.padded(), out);
  }

  const Stream& stream_;
  const DeviceSystems& systems_;
  int count_;
  Offset pieces_;
  int capacity_;
  Buffer<LongRow> rows_;
  Buffer<LongPiece> piece_;
  Buffer<int> first_piece_;
  Buffer<float> vectors_, sums_;
  LongState state_{};
};

}  // namespace

LongRows::LongRows(std::span<const Code> numbers, std::span<const Offset> indptr) {
  const Offset first = indptr.front();  // offsets start at 0 on the device
  for (const Code row : numbers) {
    first_piece.push_back(static_cast<int>(pieces.size()));
    for (Offset begin = indptr[row]; begin < indptr[row + 1]; begin += kPieceEntries)
      pieces.push_back({static_cast<int>(rows.size()),
                        static_cast<int>(std::min<Offset>(kPieceEntries, indptr[row + 1] - begin)), begin - first});
    rows.push_back({row, 0, 0, false});
  }
  first_piece.push_back(static_cast<int>(pieces.size()));
}

void solve_long(const Stream& stream, const DeviceSystems& systems, const LongRows& rows, int capacity) {
  if (!rows.rows.empty()) LongCall(stream, systems, rows, capacity).solve();
}

}  // namespace nextbest::cuda
