#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>
#include <string>

#include "kernels/core/error.hpp"
#include "kernels/cuda/chunks.hpp"
#include "kernels/cuda/cusolver.hpp"
#include "kernels/cuda/device/row_table.cuh"
#include "kernels/cuda/normal_equations.hpp"
#include "kernels/cuda/row_sums.hpp"
#include "kernels/ops/device_bytes.hpp"

namespace nextbest::cuda {
namespace {

constexpr int kThreads = 256, kListThreads = 64;
// Rows of our lower triangle are to cuSOLVER, which counts by columns, columns of an upper one.
constexpr cublasFillMode_t kHalf = CUBLAS_FILL_MODE_UPPER;

// Thread: every gridDim-th number of the diagonal.
__global__ void __launch_bounds__(kThreads) add_penalty_kernel(const float* penalty, Offset n, float* a) {
  for_each_index(n, [&](Offset i) { a[i * n + i] += penalty[i]; });
}

// Block: the solution of one target. Thread: every blockDim-th number of it. Result: its list.
__global__ void __launch_bounds__(kListThreads)
    list_kernel(const float* solutions, Offset n, Offset first, Weighing weighing, TableMemory memory, TableLists out) {
  __shared__ Shared<SelectionState[1]> shared_state;
  SelectionState& state = shared_state[0];
  const Candidates kept = candidates_of_block(memory, dynamic_shared<unsigned char>());
  const Offset target = blockIdx.x;
  const float* solution = solutions + target * n;
  const Offset self = weighing == Weighing::kInverse ? first + target : -1;
  const auto weight = [&](Offset i) { return self < 0 ? solution[i] : -solution[i] / solution[self]; };
  if (threadIdx.x == 0) state.size = state.full = 0;
  __syncthreads();  // an empty list before it is offered anything
  for (Offset base = 0; base < n; base += kListThreads) {
    const Offset i = base + threadIdx.x;
    const float found = i < n && i != self ? weight(i) : 0.0F;
    offer_candidates(kept, state, out.selected, found != 0, {std::abs(found), 0, static_cast<Code>(i)},
                     static_cast<std::uint32_t>(i));
  }
  cut_candidates(kept, state, out.selected);
  for (Offset place = threadIdx.x; place < out.columns; place += kListThreads) {
    const bool listed = place < state.size;
    out.item[target * out.columns + place] = listed ? kept.item[place] : kNoCode;
    out.score[target * out.columns + place] = listed ? weight(kept.slot[place]) : 0.0F;
  }
}

/// Some of the targets on their way, see in_chunks().
class Chunk {
 public:
  Chunk(const NormalEquations& equations, Weighing weighing, const FillRightSides& fill, Offset begin, Offset end,
        const PredictorLists& out)
      : stream_("list_solutions"),
        out_{out.item.slice(begin, end), out.weight.slice(begin, end)},
        vectors_(zeros<float>(stream_, (end - begin) * equations.size())),
        lists_(stream_, end - begin, out.item.cols, equations.size()) {
    fill(stream_, begin, end, vectors_.data());
    equations.solve(stream_, vectors_.data(), end - begin);
    TableMemory memory{0, 0, std::bit_ceil(lists_.view().selected + std::uint32_t{kListThreads}), nullptr, nullptr};
    constexpr std::size_t kMostShared = 48 * 1024;
    if (memory.candidate_bytes() > kMostShared) {
      elsewhere_ = Buffer<unsigned char>(stream_, memory.candidate_bytes() * (end - begin));
      memory.candidate_lists = elsewhere_.data();
    }
    launch(stream_, "list_kernel", {end - begin, kListThreads, memory.shared_bytes()}, list_kernel, vectors_.data(),
           equations.size(), begin, weighing, memory, lists_.view());
  }

  void finish() {
    lists_.bring(stream_, out_.item, out_.weight);
    stream_.synchronize();
  }

 private:
  Stream stream_;
  PredictorLists out_;
  Buffer<float> vectors_;
  TableListBuffer lists_;
  Buffer<unsigned char> elsewhere_;
};

void expect_positive(const Stream& stream, const Buffer<int>& info) {
  int found = 0;
  to_host(stream, info.data(), std::span(&found, 1));
  stream.synchronize();
  if (found != 0)
    throw NumericalError(std::string(stream.operation()) + ": the matrix is not positive definite in float (row " +
                         std::to_string(found) + "); raise the penalties");
}

}  // namespace

NormalEquations::NormalEquations(const Stream& stream, const CsrView<float>& x, std::span<const float> weight,
                                 std::span<const float> penalty)
    : size_(x.cols), factor_(zeros<float>(stream, x.cols * x.cols)) {
  if (size_ == 0) return;
  RowSums(stream, x, x, weight).sum(stream, 0, size_, true, factor_.data());
  const Buffer<float> on_device = to_device(stream, penalty);
  launch(stream, "add_penalty_kernel", for_elements(device_limits(stream), size_, kThreads), add_penalty_kernel,
         on_device.data(), size_, factor_.data());
  const Cusolver solver(stream);
  const int n = static_cast<int>(size_);
  int workspace_size = 0;
  solver.check(cusolverDnSpotrf_bufferSize(solver.get(), kHalf, n, factor_.data(), n, &workspace_size),
               "asking for the size of the workspace");
  const Buffer<float> workspace(stream, workspace_size);
  const Buffer<int> info = zeros<int>(stream, 1);
  solver.check(
      cusolverDnSpotrf(solver.get(), kHalf, n, factor_.data(), n, workspace.data(), workspace_size, info.data()),
      "factorising");
  expect_positive(stream, info);
}

void NormalEquations::solve(const Stream& stream, float* vectors, Offset count) const {
  if (size_ == 0 || count == 0) return;
  const Cusolver solver(stream);
  const Buffer<int> info(stream, 1);
  const int n = static_cast<int>(size_);
  solver.check(
      cusolverDnSpotrs(solver.get(), kHalf, n, static_cast<int>(count), factor_.data(), n, vectors, n, info.data()),
      "solving");
}

void list_solutions(const Context& ctx, const NormalEquations& equations, Weighing weighing, const FillRightSides& fill,
                    const PredictorLists& out) {
  in_chunks(ctx, out.item.rows, targets_at_a_time(equations.size()), [&](Offset begin, Offset end) {
    return std::make_unique<Chunk>(equations, weighing, fill, begin, end, out);
  });
}

}  // namespace nextbest::cuda
