#include "kernels/cuda/device/row_table.cuh"
#include "kernels/cuda/device/warp.cuh"
#include "kernels/cuda/sequence_kernels.cuh"

namespace nextbest::cuda {
namespace {

constexpr int kThreads = 256, kMostThreads = 512, kMostWarps = kMostThreads / kWarpSize;
constexpr std::uint64_t kNoPair = 0xFFFFFFFFFFFFFFFF;

// Warp: one customer after another. Lane: every 32nd of its lines. Result: customer_of [lines].
__global__ void __launch_bounds__(kThreads)
    customer_of_kernel(const Offset* customer_offset, Offset customers, Code* customer_of) {
  const Offset warps = static_cast<Offset>(gridDim.x) * (kThreads / kWarpSize);
  for (Offset c = (static_cast<Offset>(blockIdx.x) * kThreads + threadIdx.x) / kWarpSize; c < customers; c += warps)
    for (Offset e = customer_offset[c] + lane_of_thread(); e < customer_offset[c + 1]; e += kWarpSize)
      customer_of[e] = static_cast<Code>(c);
}

// Warp: one item after another. Lane: every 32nd of its lines. Result: work [items].
__global__ void __launch_bounds__(kThreads) sequence_work_kernel(DeviceSequences in, std::int64_t* work) {
  const Offset warps = static_cast<Offset>(gridDim.x) * (kThreads / kWarpSize);
  for (Offset a = (static_cast<Offset>(blockIdx.x) * kThreads + threadIdx.x) / kWarpSize; a < in.lines_of.rows;
       a += warps) {
    std::int64_t sum = 0;
    for (Offset i = in.lines_of.indptr[a] + lane_of_thread(); i < in.lines_of.indptr[a + 1]; i += kWarpSize) {
      const Code c = in.customer_of[in.lines_of.indices[i]];
      sum += in.customer_offset[c + 1] - in.customer_offset[c];
    }
    sum = warp_sum(sum);
    if (lane_of_thread() == 0) work[a] = sum;
  }
}

/// Counters of one row, a slot per other item.
struct SequenceTable {
  std::uint32_t capacity;
  double* sum;
  std::uint32_t* keys;
  std::uint32_t* pairs;
};

__device__ SequenceTable empty_table(unsigned char* at, std::uint32_t capacity) {
  SequenceTable table{capacity, reinterpret_cast<double*>(at), nullptr, nullptr};
  table.keys = reinterpret_cast<std::uint32_t*>(table.sum + capacity);
  table.pairs = table.keys + capacity;
  for (std::uint32_t i = threadIdx.x; i < capacity; i += blockDim.x) {
    table.sum[i] = 0;
    table.keys[i] = kFreeKey;
    table.pairs[i] = 0;
  }
  return table;
}

/// As many lines of the item as the block has threads, and as many pairs at a time as it sorts; in shared memory.
struct PairBatch {
  std::uint64_t* key;  ///< [size] other item, place in the batch; or kNoPair
  double* weight;      ///< [size] by place
  Offset* end;         ///< [threads] pairs to look at of the lines up to this one
  Offset* first;       ///< [threads] the customer's line that the first of them is with
  Code* line;          ///< [threads]
};

__device__ PairBatch batch_in(unsigned char* shared) {
  PairBatch batch{reinterpret_cast<std::uint64_t*>(shared), nullptr, nullptr, nullptr, nullptr};
  batch.weight = reinterpret_cast<double*>(batch.key + kPairsPerThread * blockDim.x);
  batch.end = reinterpret_cast<Offset*>(batch.weight + kPairsPerThread * blockDim.x);
  batch.first = batch.end + blockDim.x;
  batch.line = reinterpret_cast<Code*>(batch.first + blockDim.x);
  return batch;
}

/// Lines [begin, begin + count) of the item's list to the batch, a thread each. Ends with a barrier.
__device__ void list_lines(const DeviceSequences& in, bool either_order, Offset begin, int count,
                           const PairBatch& batch) {
  const int t = static_cast<int>(threadIdx.x);
  if (t < count) {
    const Code e = in.lines_of.indices[begin + t], c = in.customer_of[e];
    batch.line[t] = e;
    batch.first[t] = either_order ? in.customer_offset[c] : e;
    batch.end[t] = in.customer_offset[c + 1] - batch.first[t];
  }
  __syncthreads();  // all lengths are there before they are summed up
  for (int step = 1; step < count; step *= 2) {
    const Offset before = t >= step && t < count ? batch.end[t - step] : 0;
    __syncthreads();  // everybody has read what is overwritten now
    if (t < count) batch.end[t] += before;
    __syncthreads();  // this step's sums before the next step's
  }
}

/// The pair number `number` of the listed lines as a key for sorting, its weight to place `at`; 0 where it is none.
__device__ std::uint64_t look_at_pair(const DeviceSequences& in, const LinePairRule& rule, int count, Offset number,
                                      const PairBatch& batch, std::uint32_t at) {
  int low = 0, high = count - 1;  // the first line whose pairs end behind the number
  while (low < high) {
    const int middle = (low + high) / 2;
    if (batch.end[middle] > number)
      high = middle;
    else
      low = middle + 1;
  }
  const Offset f = batch.first[low] + number - (low == 0 ? 0 : batch.end[low - 1]);
  double weight = 0;
  const bool pair = is_line_pair(in.lines, rule, batch.line[low], f, weight);
  batch.weight[at] = weight;
  return pair ? static_cast<std::uint64_t>(in.lines.item[f]) << 32 | at : kNoPair;
}

/// Sorts keys [size], size a power of two (bitonic). The whole block must call it, after a barrier; it ends with one.
__device__ void sort_keys(std::uint64_t* key, std::uint32_t size) {
  for (std::uint32_t run = 2; run <= size; run *= 2)
    for (std::uint32_t step = run / 2; step > 0; step /= 2) {
      for (std::uint32_t i = threadIdx.x; i < size; i += blockDim.x) {
        const std::uint32_t j = i ^ step;
        if (j < i) continue;
        const std::uint64_t x = key[i], y = key[j];
        if ((x > y) != ((i & run) == 0)) continue;
        key[i] = y;
        key[j] = x;
      }
      __syncthreads();  // this step's exchanges before the next step's
    }
}

/// Adds the sorted pairs to the table: a thread for all pairs with one item, in the order of their places.
__device__ void add_pairs(const PairBatch& batch, std::uint32_t size, const SequenceTable& table) {
  for (std::uint32_t i = threadIdx.x; i < size; i += blockDim.x) {
    const std::uint64_t key = batch.key[i];
    const auto item = static_cast<std::uint32_t>(key >> 32);
    if (key == kNoPair || (i > 0 && batch.key[i - 1] >> 32 == item)) continue;
    const std::uint32_t slot = take_slot(table.keys, table.capacity, item, table.capacity);
    double sum = table.sum[slot];
    std::uint32_t end = i;
    for (; end < size && batch.key[end] >> 32 == item; ++end)
      sum += batch.weight[static_cast<std::uint32_t>(batch.key[end])];
    table.sum[slot] = sum;
    table.pairs[slot] += end - i;
  }
}

/// Sums up row `a`. Returns this thread's share of the sum of all weights. Ends with a barrier.
__device__ double sum_up(const DeviceSequences& in, const LinePairRule& rule, Code a, const PairBatch& batch,
                         const SequenceTable& table) {
  const int threads = static_cast<int>(blockDim.x);
  const Offset end = in.lines_of.indptr[a + 1];
  double total = 0;
  for (Offset begin = in.lines_of.indptr[a]; begin < end; begin += threads) {
    const int count = end - begin < threads ? static_cast<int>(end - begin) : threads;
    list_lines(in, rule.either_order, begin, count, batch);
    const Offset all = batch.end[count - 1];
    for (Offset done = 0; done < all; done += kPairsPerThread * threads) {
      const Offset left = all - done;
      std::uint32_t size = 1;
      while (size < left && size < kPairsPerThread * blockDim.x) size *= 2;
      for (std::uint32_t at = threadIdx.x; at < size; at += threads) {
        batch.key[at] = at < left ? look_at_pair(in, rule, count, done + at, batch, at) : kNoPair;
        if (batch.key[at] != kNoPair) total += batch.weight[at];
      }
      __syncthreads();  // all pairs are there before they are sorted
      sort_keys(batch.key, size);
      add_pairs(batch, size, table);
      __syncthreads();  // added before the next pairs take their place
    }
    __syncthreads();  // the lines are read before the next ones take their place
  }
  return total;
}

/// The sum of `value` over the block, in every thread, in one fixed order. Ends with a barrier.
__device__ double block_sum(double value, double* of_warp) {
  value = warp_sum(value);
  if (lane_of_thread() == 0) of_warp[threadIdx.x / kWarpSize] = value;
  __syncthreads();  // all warps' sums are there
  double sum = 0;
  for (unsigned w = 0; w < blockDim.x / kWarpSize; ++w) sum += of_warp[w];
  __syncthreads();  // everybody has read them
  return sum;
}

// Block: one item after another, as the queue hands them out. Thread: a line of the item, then pairs of lines, then the
// sums of other items. Sums grow in the order of the lines. Result: the item's list.
__global__ void __launch_bounds__(kMostThreads)
    sequence_rows_kernel(DeviceSequences in, LinePairRule rule, SequenceWorth worth, Code first, TableQueue queue,
                         TableMemory memory, TableLists out) {
  __shared__ Shared<RowTableState[1]> shared_state;
  __shared__ Shared<double[kMostWarps]> of_warp;
  RowTableState& state = shared_state[0];
  auto* shared = dynamic_shared<unsigned char>();
  const PairBatch batch = batch_in(shared);
  shared += kSequenceThreadBytes * blockDim.x;
  const Candidates kept = candidates_of_block(memory, shared);
  while (next_row(queue, state)) {
    const Code row = queue.rows[state.row], a = first + row;
    const SequenceTable table = empty_table(table_of_block(memory, shared), queue.slots[state.row]);
    __syncthreads();  // all slots are free before one is taken
    const double total = block_sum(sum_up(in, rule, a, batch, table), of_warp);
    const double anchor = worth.anchor != nullptr ? worth.anchor[row] : pow(total + worth.prior, worth.anchor_exponent);
    write_best_slots(table.keys, table.capacity, kept, state, out, row, [&](std::uint32_t slot, Ranked& ranked) {
      const double sum = table.sum[slot];
      const auto b = static_cast<Code>(table.keys[slot]);
      if (table.pairs[slot] < static_cast<std::uint32_t>(worth.min_pairs) || sum == 0) return false;
      const double power = worth.sharpness == 1 ? sum : pow(sum, worth.sharpness);
      ranked = {static_cast<float>(power / (anchor * worth.target[b])),
                in.lines_of.indptr[b + 1] - in.lines_of.indptr[b], b};
      return true;
    });
  }
}

}  // namespace

void launch_customer_of(const Stream& stream, const Offset* customer_offset, Offset customers, Code* customer_of) {
  launch(stream, "customer_of_kernel", for_elements(device_limits(stream), customers * kWarpSize, kThreads),
         customer_of_kernel, customer_offset, customers, customer_of);
}

void launch_sequence_work(const Stream& stream, const DeviceSequences& in, std::int64_t* work) {
  launch(stream, "sequence_work_kernel", for_elements(device_limits(stream), in.lines_of.rows * kWarpSize, kThreads),
         sequence_work_kernel, in, work);
}

void launch_sequence_rows(const Stream& stream, const LaunchShape& shape, const DeviceSequences& in,
                          const LinePairRule& rule, const SequenceWorth& worth, Code first, const TableQueue& queue,
                          const TableMemory& memory, const TableLists& out) {
  launch(stream, "sequence_rows_kernel", shape, sequence_rows_kernel, in, rule, worth, first, queue, memory, out);
}

}  // namespace nextbest::cuda
