#include <algorithm>
#include <memory>
#include <vector>

#include "kernels/core/parallel.hpp"
#include "kernels/cuda/chunks.hpp"
#include "kernels/cuda/device/row_table.cuh"
#include "kernels/cuda/nearest_rows.hpp"

namespace nextbest::cuda {
namespace {

constexpr int kMostThreads = 512;
constexpr std::uint32_t kSlotBytes = sizeof(float) + sizeof(std::uint32_t);

struct NearestInput {
  DeviceCsr queries;
  DeviceCsr by_column;
  const Code* not_for_query;  ///< or nullptr
};

// Block: one query after another, as the queue hands them out, its columns one after the other, so that a sum grows in
// the order of the definition. Thread: every blockDim-th reference of a column, each with a slot of its own. Result:
// the query's list.
__global__ void __launch_bounds__(kMostThreads)
    nearest_rows_kernel(NearestInput in, TableQueue queue, TableMemory memory, TableLists out) {
  __shared__ Shared<RowTableState[1]> shared_state;
  RowTableState& state = shared_state[0];
  auto* shared = dynamic_shared<unsigned char>();
  auto* keys = reinterpret_cast<std::uint32_t*>(table_of_block(memory, shared));
  const Candidates kept = candidates_of_block(memory, shared);
  while (next_row(queue, state)) {
    const Code query = queue.rows[state.row];
    const std::uint32_t capacity = queue.slots[state.row];
    auto* sums = reinterpret_cast<float*>(keys + capacity);
    for (std::uint32_t i = threadIdx.x; i < capacity; i += blockDim.x) {
      keys[i] = kFreeKey;
      sums[i] = 0;
    }
    __syncthreads();  // all slots are free before one is taken
    for (Offset i = in.queries.indptr[query]; i < in.queries.indptr[query + 1]; ++i) {
      const Code column = in.queries.indices[i];
      const float weight = in.queries.values[i];
      const Offset end = in.by_column.indptr[column + 1];
      for (Offset j = in.by_column.indptr[column] + threadIdx.x; j < end; j += blockDim.x) {
        const auto key = static_cast<std::uint32_t>(in.by_column.indices[j]);
        sums[take_slot(keys, capacity, key, capacity)] += weight * in.by_column.values[j];
      }
      __syncthreads();  // a column is added before the next one
    }
    const Code except = in.not_for_query == nullptr ? kNoCode : in.not_for_query[query];
    write_best_slots(keys, capacity, kept, state, out, query, [&](std::uint32_t slot, Ranked& ranked) {
      ranked = {sums[slot], 0, static_cast<Code>(keys[slot])};
      return ranked.item != except;
    });
  }
}

/// How many references each query can meet: no more than its columns hold, and no more than there are.
std::vector<std::int64_t> most_met(const Context& ctx, const CsrView<float>& queries, const CsrView<float>& by_column) {
  constexpr Offset kGrain = 1024;
  const Context to_the_end{ctx.device, ctx.threads, {}, {}};  // half of the numbers would be worse than none
  std::vector<std::int64_t> most(queries.rows());
  parallel_for(to_the_end, queries.rows(), kGrain, [&](Offset begin, Offset end, int) {
    for (Offset q = begin; q < end; ++q) {
      for (const Code column : queries.row(q)) most[q] += by_column.row_size(column);
      most[q] = std::min(most[q], by_column.cols);
    }
  });
  return most;
}

/// Some of the queries on their way, see in_chunks().
class Chunk {
 public:
  Chunk(const Context& ctx, const CsrView<float>& queries, const CsrView<float>& by_column, const DeviceCsr& references,
        std::span<const Code> not_for_query, const NearestRowLists& out, const TableTuning& tuning)
      : stream_("nearest_rows"),
        out_(out),
        rows_(most_met(ctx, queries, by_column), tuning),
        queries_(stream_, queries),
        not_for_query_(to_device(stream_, not_for_query)),
        lists_(stream_, queries.rows(), out.row.cols, by_column.cols) {
    const NearestInput in{queries_.view(), references, not_for_query_.data()};
    rows_.launch_classes(stream_, kSlotBytes, lists_.view().selected, 0,
                         [&](const LaunchShape& shape, const TableQueue& queue, const TableMemory& memory) {
                           launch(stream_, "nearest_rows_kernel", shape, nearest_rows_kernel, in, queue, memory,
                                  lists_.view());
                         });
  }

  void finish() {
    lists_.bring(stream_, out_.row, out_.product);
    stream_.synchronize();
  }

 private:
  Stream stream_;
  NearestRowLists out_;
  TableRows rows_;
  CsrBuffer queries_;
  Buffer<Code> not_for_query_;
  TableListBuffer lists_;
};

}  // namespace

void nearest_rows(Context& ctx, const CsrView<float>& queries, const CsrView<float>& by_column,
                  std::span<const Code> not_for_query, const NearestRowLists& out, const TableTuning& tuning) {
  const Stream stream("nearest_rows");
  const CsrBuffer references(stream, by_column);
  stream.synchronize();
  in_chunks(ctx, queries.rows(), tuning.rows_at_a_time, [&](Offset begin, Offset end) {
    return std::make_unique<Chunk>(ctx, queries.slice(begin, end), by_column, references.view(),
                                   not_for_query.empty() ? not_for_query : not_for_query.subspan(begin, end - begin),
                                   NearestRowLists{out.row.slice(begin, end), out.product.slice(begin, end)}, tuning);
  });
}

void nearest_rows(Context& ctx, const CsrView<float>& queries, const CsrView<float>& by_column,
                  std::span<const Code> not_for_query, const NearestRowLists& out) {
  nearest_rows(ctx, queries, by_column, not_for_query, out, TableTuning{});
}

}  // namespace nextbest::cuda
