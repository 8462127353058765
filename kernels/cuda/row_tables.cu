#include <algorithm>
#include <bit>
#include <numeric>

#include "kernels/cuda/row_tables.hpp"

namespace nextbest::cuda {
namespace {

// With a third of the slots free, runs of taken ones stay short, and every key finds a slot.
std::uint32_t slots_for(std::int64_t most) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 31;  // more than there are codes
  return static_cast<std::uint32_t>(std::min(kMost, std::bit_ceil(static_cast<std::uint64_t>(most + most / 2 + 1))));
}

}  // namespace

// Largest first, so that no block is left with a giant at the end.
TableRows::TableRows(std::span<const std::int64_t> most, const TableTuning& tuning) : tuning_(tuning) {
  std::vector<Code> order(most.size());
  std::iota(order.begin(), order.end(), Code{0});
  std::stable_sort(order.begin(), order.end(), [&](Code x, Code y) { return most[x] > most[y]; });
  for (const Code row : order) {
    const std::uint32_t slots = slots_for(most[row]);
    int c = 0;
    while (c < TableTuning::kClasses && slots > tuning.classes[c].slots) ++c;
    Rows& rows = c < TableTuning::kClasses ? classes_[c] : wide_;
    rows.row.push_back(row);
    rows.slots.push_back(slots);
  }
}

void TableRows::launch_classes(const Stream& stream, std::uint32_t slot_bytes, std::uint32_t selected,
                               std::size_t extra_bytes_per_thread, const Start& start) const {
  const DeviceLimits device = device_limits(stream);
  const auto launch_class = [&](const Rows& rows, std::uint32_t slots, int threads, bool wide) {
    if (rows.row.empty()) return;
    constexpr std::size_t kOfKernels = 1024;  // what they declare themselves
    const std::uint32_t candidates = std::bit_ceil(selected + static_cast<std::uint32_t>(threads));
    TableMemory memory{slots, slot_bytes, candidates, nullptr, nullptr};
    const std::size_t extra = extra_bytes_per_thread * threads;
    wide = wide || memory.table_bytes() + extra + kOfKernels > device.shared_bytes;
    const std::size_t table = wide ? 0 : memory.table_bytes();
    const bool apart = memory.candidate_bytes() > tuning_.candidate_bytes ||
                       table + memory.candidate_bytes() + extra + kOfKernels > device.shared_bytes;
    const std::size_t shared = table + (apart ? 0 : memory.candidate_bytes()) + extra;
    Offset blocks = std::min<Offset>(rows.row.size(), resident_blocks(device, threads, shared));
    if (wide) {
      const auto free = static_cast<std::int64_t>(free_bytes(stream) / 4);
      const auto each = static_cast<std::int64_t>(memory.table_bytes());
      blocks = std::clamp<Offset>(std::min(tuning_.wide_bytes, free) / each, 1, blocks);
    }
    const Buffer<unsigned char> tables(stream, wide ? memory.table_bytes() * blocks : 0);
    const Buffer<unsigned char> lists(stream, apart ? memory.candidate_bytes() * blocks : 0);
    if (wide) memory.tables = tables.data();
    if (apart) memory.candidate_lists = lists.data();
    const Buffer<Code> row = to_device(stream, std::span<const Code>(rows.row));
    const Buffer<std::uint32_t> row_slots = to_device(stream, std::span<const std::uint32_t>(rows.slots));
    const Buffer<std::uint32_t> next = zeros<std::uint32_t>(stream, 1);
    start({blocks, threads, shared},
          {row.data(), row_slots.data(), static_cast<std::uint32_t>(rows.row.size()), next.data()}, memory);
  };
  if (!wide_.row.empty()) launch_class(wide_, wide_.slots.front(), tuning_.wide_threads, true);
  for (int c = TableTuning::kClasses - 1; c >= 0; --c)
    launch_class(classes_[c], tuning_.classes[c].slots, tuning_.classes[c].threads, false);
}

TableListBuffer::TableListBuffer(const Stream& stream, Offset rows, Offset columns, Offset selectable)
    : item_(stream, rows * columns),
      score_(stream, rows * columns),
      view_{item_.data(), score_.data(), columns,
            static_cast<std::uint32_t>(std::max<Offset>(1, std::min(columns, selectable)))} {}

}  // namespace nextbest::cuda
