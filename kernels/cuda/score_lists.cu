#include <utility>

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/score_lists.cuh"
#include "kernels/cuda/sort.hpp"

namespace nextbest::cuda {
namespace {

constexpr int kThreads = 256;

// Thread: one user after another, pin by pin. Result: the lists' first places, and the rest of the user's state.
__global__ void __launch_bounds__(kThreads) open_kernel(DeviceItems items, DeviceFilter filter, UserLists lists) {
  for_each_index(lists.users, [&](Offset u) {
    int pins = 0;
    const Offset begin = filter.pinned.rows == 0 ? 0 : filter.pinned.indptr[u];
    const Offset end = filter.pinned.rows == 0 ? 0 : filter.pinned.indptr[u + 1];
    for (Offset i = begin; i < end && pins < lists.k; ++i) {
      const Code code = filter.pinned.indices[i];
      if (holds(filter.blocked, u, code)) continue;
      const float score = exact_score(lists.rows + u * items.dim, items, items.slot_of_code[code]);
      if (std::isnan(score)) report_nan(lists, u, code);
      lists.item[u * lists.k + pins] = code;
      lists.score[u * lists.k + pins++] = score;
    }
    const Offset room = lists.k - pins;
    lists.pins[u] = pins;
    lists.room[u] = static_cast<int>(room < items.items ? room : items.items);
    lists.threshold[u] = room == 0 ? INFINITY : -INFINITY;
    lists.count[u] = 0;
  });
}

// Thread: one user after another. Result: keys that grow as the tiles become fewer that still matter to the user (they
// come in descending order of norms, so that these are the first ones).
__global__ void __launch_bounds__(kThreads)
    work_kernel(DeviceItems items, UserLists lists, std::uint32_t* keys, std::uint32_t* users) {
  for_each_index(lists.users, [&](Offset u) {
    Offset low = 0, high = items.tiles;
    while (low < high) {
      const Offset middle = low + (high - low) / 2;
      if (most_score(lists.norm[u], items.norm[middle * kTile], items.dim) < lists.threshold[u])
        high = middle;
      else
        low = middle + 1;
    }
    keys[u] = static_cast<std::uint32_t>(items.tiles - low);
    users[u] = static_cast<std::uint32_t>(u);
  });
}

// Warp: one user after another. Lane: every 32nd place of the list. Result: item and score behind the pins.
__global__ void __launch_bounds__(kThreads) close_kernel(DeviceItems items, UserLists lists) {
  const Offset warps = static_cast<Offset>(gridDim.x) * (kThreads / kWarpSize);
  for (Offset u = (static_cast<Offset>(blockIdx.x) * kThreads + threadIdx.x) / kWarpSize; u < lists.users; u += warps) {
    Key* keys = lists.found + u * lists.capacity;
    sort_descending(keys, lists.count[u]);
    const int found = lists.count[u] < lists.room[u] ? lists.count[u] : lists.room[u];
    for (int place = lists.pins[u] + lane_of_thread(); place < lists.k; place += kWarpSize) {
      const int at = place - lists.pins[u];
      Code code = kNoCode;
      float score = 0;
      if (at < found) {
        code = items.code_of_rank[rank_of(keys[at])];
        score = score_of(keys[at]);
        if (score == 0)  // its key has no sign
          score = exact_score(lists.rows + u * items.dim, items, items.slot_of_code[code]);
      }
      lists.item[u * lists.k + place] = code;
      lists.score[u * lists.k + place] = score;
    }
  }
}

}  // namespace

void open_lists(const Stream& stream, const DeviceItems& items, const DeviceFilter& filter, const UserLists& lists) {
  launch(stream, "open_kernel", for_elements(device_limits(stream), lists.users, kThreads), open_kernel, items, filter,
         lists);
}

Buffer<std::uint32_t> order_by_work(const Stream& stream, const DeviceItems& items, const UserLists& lists) {
  SortedPairs<std::uint32_t> pairs{Buffer<std::uint32_t>(stream, lists.users),
                                   Buffer<std::uint32_t>(stream, lists.users)};
  launch(stream, "work_kernel", for_elements(device_limits(stream), lists.users, kThreads), work_kernel, items, lists,
         pairs.keys.data(), pairs.values.data());
  return sort_by_key(stream, std::move(pairs), static_cast<std::uint64_t>(items.tiles) + 1).values;
}

void close_lists(const Stream& stream, const DeviceItems& items, const UserLists& lists) {
  launch(stream, "close_kernel", for_elements(device_limits(stream), lists.users * kWarpSize, kThreads), close_kernel,
         items, lists);
}

}  // namespace nextbest::cuda
