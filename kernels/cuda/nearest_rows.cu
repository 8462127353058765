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

/// The references of one call, or of one part of them.
struct References {
  CsrView<float> by_column;             ///< [cols, references]
  std::span<const Code> not_for_query;  ///< [queries] among them, or empty
};

void nearest_among(Context& ctx, const CsrView<float>& queries, const References& among, const NearestRowLists& out,
                   const TableTuning& tuning) {
  const Stream stream("nearest_rows");
  const CsrBuffer references(stream, among.by_column);
  stream.synchronize();
  in_chunks(ctx, queries.rows(), tuning.rows_at_a_time, [&](Offset begin, Offset end) {
    const std::span<const Code> except = among.not_for_query;
    return std::make_unique<Chunk>(ctx, queries.slice(begin, end), among.by_column, references.view(),
                                   except.empty() ? except : except.subspan(begin, end - begin),
                                   NearestRowLists{out.row.slice(begin, end), out.product.slice(begin, end)}, tuning);
  });
}

/// References [begin, end), numbered from 0, and their lists.
struct Part {
  Part(const References& all, Offset begin, Offset end, Offset queries, Offset k)
      : row(queries * k), product(queries * k), lists{{row.data(), queries, k}, {product.data(), queries, k}} {
    by_column.cols = end - begin;
    for (Offset c = 0; c < all.by_column.rows(); ++c) {
      const auto codes = all.by_column.row(c);
      const auto values = all.by_column.row_values(c);
      for (std::size_t i = 0; i < codes.size(); ++i) {
        if (codes[i] < begin || codes[i] >= end) continue;
        by_column.indices.push_back(static_cast<Code>(codes[i] - begin));
        by_column.values.push_back(values[i]);
      }
      by_column.indptr.push_back(static_cast<Offset>(by_column.indices.size()));
    }
    for (const Code code : all.not_for_query)
      except.push_back(code < begin || code >= end ? kNoCode : static_cast<Code>(code - begin));
  }
  References references() const { return {by_column.view(), except}; }

  Csr<float> by_column;
  std::vector<Code> except;
  std::vector<Code> row;
  std::vector<float> product;
  NearestRowLists lists;
};

/// Two lists of one query into one; what stands in the second comes behind equals of the first, `first` codes further.
void merge(const Part& left, const Part& right, Offset first, const NearestRowLists& out) {
  const Offset k = out.row.cols;
  for (Offset q = 0; q < out.row.rows; ++q) {
    Offset l = 0, r = 0;
    for (Offset place = 0; place < k; ++place) {
      const Code left_row = l < k ? left.lists.row(q, l) : kNoCode, right_row = r < k ? right.lists.row(q, r) : kNoCode;
      const bool from_left =
          right_row == kNoCode || (left_row != kNoCode && left.lists.product(q, l) >= right.lists.product(q, r));
      out.product(q, place) = from_left ? left.lists.product(q, l) : right.lists.product(q, r);
      out.row(q, place) = from_left ? left_row : static_cast<Code>(first + right_row);
      ++(from_left ? l : r);
    }
  }
}

/// Where the references do not fit onto the device, half of them after the other.
void nearest_in_parts(Context& ctx, const CsrView<float>& queries, const References& all, const NearestRowLists& out,
                      const TableTuning& tuning) {
  try {
    return nearest_among(ctx, queries, all, out, tuning);
  } catch (const DoesNotFit&) {
    if (all.by_column.cols < 2) throw;
  }
  const Offset references = all.by_column.cols, half = references / 2, k = out.row.cols;
  Part left(all, 0, half, queries.rows(), k), right(all, half, references, queries.rows(), k);
  nearest_in_parts(ctx, queries, left.references(), left.lists, tuning);
  nearest_in_parts(ctx, queries, right.references(), right.lists, tuning);
  if (!(ctx.cancelled && ctx.cancelled())) merge(left, right, half, out);
}

}  // namespace

void nearest_rows(Context& ctx, const CsrView<float>& queries, const CsrView<float>& by_column,
                  std::span<const Code> not_for_query, const NearestRowLists& out, const TableTuning& tuning) {
  nearest_in_parts(ctx, queries, {by_column, not_for_query}, out, tuning);
}

void nearest_rows(Context& ctx, const CsrView<float>& queries, const CsrView<float>& by_column,
                  std::span<const Code> not_for_query, const NearestRowLists& out) {
  nearest_rows(ctx, queries, by_column, not_for_query, out, TableTuning{});
}

}  // namespace nextbest::cuda
