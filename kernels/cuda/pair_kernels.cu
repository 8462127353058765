#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/pair_kernels.cuh"

namespace nextbest::cuda {
namespace {

constexpr int kMostThreads = 512, kDenseThreads = 256;

// The arrays lie one behind the other, the widest first.
__device__ PairSlots slots_in(const PairBlockMemory& memory, unsigned char* at) {
  PairSlots slots{memory.slots, nullptr, nullptr, nullptr, nullptr};
  if (memory.full) {
    slots.weight = reinterpret_cast<unsigned long long*>(at);
    at += memory.slots * sizeof(unsigned long long);
  }
  slots.keys = reinterpret_cast<std::uint32_t*>(at);
  slots.count = slots.keys + memory.slots;
  if (memory.full) slots.customers = slots.count + memory.slots;
  return slots;
}

__device__ PairSide side_in(const PairBlockMemory& memory, unsigned char* at) {
  PairSide side{};
  side.kept.capacity = memory.candidates;
  side.kept.popularity = reinterpret_cast<std::int64_t*>(at);
  side.bins = reinterpret_cast<unsigned long long*>(side.kept.popularity + memory.candidates);
  side.kept.score = reinterpret_cast<float*>(side.bins + memory.size_count);
  side.kept.item = reinterpret_cast<Code*>(side.kept.score + memory.candidates);
  side.kept.slot = reinterpret_cast<std::uint32_t*>(side.kept.item + memory.candidates);
  side.active = side.kept.slot + memory.candidates;
  return side;
}

__device__ PairSide side_of_block(const PairBlockMemory& memory, unsigned char* shared) {
  return side_in(memory, memory.elsewhere == nullptr ? shared + memory.slot_bytes()
                                                     : memory.elsewhere + blockIdx.x * memory.side_bytes());
}

__device__ void clear(const PairSlots& slots, const PairSide& side, std::uint32_t size_count) {
  for (std::uint32_t i = threadIdx.x; i < slots.capacity; i += blockDim.x) {
    slots.keys[i] = kFreeKey;
    slots.count[i] = 0;
    if (slots.weight == nullptr) continue;
    slots.weight[i] = 0;
    slots.customers[i] = 0;
  }
  for (std::uint32_t i = threadIdx.x; i < size_count; i += blockDim.x) side.bins[i] = 0;
}

// Block: one row after another, as the queue hands them out: counted by hashing in shared memory, measured, cut to the
// best. Groups of eight lanes: one unit of the row each. Result: the row's lists, or the row among the refused.
__global__ void __launch_bounds__(kMostThreads)
    hashed_rows_kernel(DevicePairs pairs, PairRowParams params, PairRowQueue queue, PairBlockMemory memory,
                       DevicePairLists out) {
  __shared__ Shared<PairBlockState[1]> shared_state;
  PairBlockState& state = shared_state[0];
  auto* shared = dynamic_shared<unsigned char>();
  const PairSlots slots = slots_in(memory, shared);
  const PairSide side = side_of_block(memory, shared);
  const CountingGroup group{static_cast<Offset>(threadIdx.x) / CountingGroup::kLanes,
                            static_cast<Offset>(blockDim.x) / CountingGroup::kLanes,
                            static_cast<int>(threadIdx.x) % CountingGroup::kLanes};
  for (;;) {
    if (threadIdx.x == 0) {
      state.row = atomicAdd(queue.next, 1U);
      state.full = 0;
    }
    clear(slots, side, pairs.size_count);
    __syncthreads();  // the row is known and everything is 0
    if (state.row >= queue.size) return;
    const Code a = queue.rows[state.row];
    count_units(pairs, a, pairs.by_item.indptr[a], pairs.by_item.indptr[a + 1], slots, side.bins, &state.full, group);
    __syncthreads();  // all units are counted, or somebody has given up
    if (state.full == 0) {
      finish_row(pairs, params, a, slots, side, state, out);
      continue;
    }
    if (threadIdx.x == 0) queue.refused[atomicAdd(queue.refused_size, 1U)] = a;
    __syncthreads();  // everybody has read the state before it is set anew
  }
}

__device__ PairSlots dense_slots(const DensePairCounters& counters, Offset row) {
  const Offset at = row * counters.items;
  if (counters.weight == nullptr) return {counters.items, nullptr, counters.count + at, nullptr, nullptr};
  return {counters.items, nullptr, counters.count + at, counters.weight + at, counters.customers + at};
}

// Block: one part of the units of one row. Groups of eight lanes: a unit each. Result: added to the row's counters.
__global__ void __launch_bounds__(kDenseThreads)
    dense_count_kernel(DevicePairs pairs, const Code* rows, Offset parts, DensePairCounters counters) {
  const Offset row = blockIdx.x / parts, part = blockIdx.x % parts;
  const Code a = rows[row];
  const Offset begin = pairs.by_item.indptr[a], units = pairs.by_item.indptr[a + 1] - begin;
  const CountingGroup group{static_cast<Offset>(threadIdx.x) / CountingGroup::kLanes,
                            kDenseThreads / CountingGroup::kLanes,
                            static_cast<int>(threadIdx.x) % CountingGroup::kLanes};
  count_units(pairs, a, begin + units * part / parts, begin + units * (part + 1) / parts, dense_slots(counters, row),
              counters.bins + row * pairs.size_count, nullptr, group);
}

// Block: the selection of one row from its counters in global memory.
__global__ void __launch_bounds__(kMostThreads)
    dense_select_kernel(DevicePairs pairs, PairRowParams params, const Code* rows, DensePairCounters counters,
                        PairBlockMemory memory, DevicePairLists out) {
  __shared__ Shared<PairBlockState[1]> shared_state;
  const Offset row = blockIdx.x;
  PairSide side = side_of_block(memory, dynamic_shared<unsigned char>());
  side.bins = counters.bins + row * pairs.size_count;
  finish_row(pairs, params, rows[row], dense_slots(counters, row), side, shared_state[0], out);
}

}  // namespace

void launch_hashed_rows(const Stream& stream, Offset blocks, int threads, const DevicePairs& pairs,
                        const PairRowParams& params, const PairRowQueue& queue, const PairBlockMemory& memory,
                        const DevicePairLists& out) {
  launch(stream, "hashed_rows_kernel", {blocks, threads, memory.shared_bytes()}, hashed_rows_kernel, pairs, params,
         queue, memory, out);
}

void launch_dense_count(const Stream& stream, Offset parts, const DevicePairs& pairs, const Code* rows, Offset n,
                        const DensePairCounters& counters) {
  launch(stream, "dense_count_kernel", {n * parts, kDenseThreads, 0}, dense_count_kernel, pairs, rows, parts, counters);
}

void launch_dense_select(const Stream& stream, int threads, const DevicePairs& pairs, const PairRowParams& params,
                         const Code* rows, Offset n, const DensePairCounters& counters, const PairBlockMemory& memory,
                         const DevicePairLists& out) {
  launch(stream, "dense_select_kernel", {n, threads, memory.shared_bytes()}, dense_select_kernel, pairs, params, rows,
         counters, memory, out);
}

}  // namespace nextbest::cuda
