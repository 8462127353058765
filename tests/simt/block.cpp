#include "tests/simt/block.hpp"

#include <map>

#include "tests/simt/sanitizers.hpp"

namespace simt {
namespace {

std::string place(const std::source_location& where) {
  return std::string(where.file_name()) + ":" + std::to_string(where.line());
}

bool same_place(const std::source_location& x, const std::source_location& y) {
  return x.line() == y.line() && x.column() == y.column() && std::string(x.file_name()) == y.file_name();
}

std::string block_name(const Block& block) {
  return "block (" + std::to_string(block.index.x) + ", " + std::to_string(block.index.y) + ", " +
         std::to_string(block.index.z) + ")";
}

// Calls use() as if each thread called it.
template <class Threads, class Use>
void as_each(Threads&& threads, Use&& use) {
  void* own = current_tsan_fiber();
  for (Thread* thread : threads) {
    switch_tsan_fiber(thread->fiber.tsan());
    use();
  }
  switch_tsan_fiber(own);
}

std::vector<Thread*> all_threads(Block& block) {
  std::vector<Thread*> list;
  for (unsigned t = 0; t < block.size; ++t) list.push_back(&block.threads[t]);
  return list;
}

}  // namespace

void meet(const std::vector<Thread*>& threads) {
  void* point = threads.front();
  as_each(threads, [&] { comes_before(point); });
  as_each(threads, [&] { comes_after(point); });
}

void begin_after_scheduler(Block& block) {
  comes_before(&block);
  as_each(all_threads(block), [&] { comes_after(&block); });
}

void end_before_scheduler(Block& block) {
  as_each(all_threads(block), [&] { comes_before(&block); });
  comes_after(&block);
}

void Block::start(uint3 at, dim3 extent, SharedMemory::Sizes sizes, Fiber::Body body, void* argument) {
  index = at;
  size = extent.x * extent.y * extent.z;
  ended = arrived = 0;
  while (threads.size() < size) threads.emplace_back();
  shared.start(sizes);
  for (unsigned t = 0; t < size; ++t) {
    Thread& thread = threads[t];
    thread.block = this;
    thread.number = t;
    thread.index = {t % extent.x, t / extent.x % extent.y, t / extent.x / extent.y};
    thread.waits = Waits::kNothing;
    thread.fiber.start(body, argument);
  }
  begin_after_scheduler(*this);
}

std::string Block::describe() const {
  std::map<std::string, int> count;
  for (unsigned t = 0; t < size; ++t) {
    const Thread& thread = threads[t];
    if (thread.fiber.ended())
      ++count["left the kernel"];
    else
      ++count[(thread.waits == Waits::kBlock ? "wait at the barrier "
                                             : std::string("wait in ") + thread.operation + " ") +
              place(thread.where)];
  }
  std::string text = block_name(*this);
  for (const auto& [what, n] : count) text += ", " + std::to_string(n) + " threads " + what;
  return text;
}

std::string arrive_at_block(Block& block) {
  if (++block.arrived < block.size) return "";
  for (unsigned t = 1; t < block.size; ++t)
    if (!same_place(block.threads[t].where, block.threads[0].where)) return "divergent barrier: " + block.describe();
  meet(all_threads(block));
  for (unsigned t = 0; t < block.size; ++t) block.threads[t].waits = Waits::kNothing;
  block.arrived = 0;
  return "";
}

std::string arrive_at_warp(Block& block, Thread& thread) {
  const auto wrong = [&](const char* what) {
    return std::string(what) + " in " + thread.operation + " " + place(thread.where) + ": " + block.describe();
  };
  if (!(thread.mask >> thread.lane() & 1)) return wrong("wrong mask: it does not name its own lane,");
  const unsigned first = thread.number - thread.lane();
  std::vector<Thread*> lanes;
  for (unsigned l = 0; l < kWarpSize; ++l) {
    if (!(thread.mask >> l & 1)) continue;
    if (first + l >= block.size) return wrong("wrong mask: it names a lane beyond the block,");
    Thread& other = block.threads[first + l];
    if (other.fiber.ended()) return wrong("wrong mask: it names a lane that has left the kernel,");
    if (other.waits != Waits::kWarp) return "";
    lanes.push_back(&other);
  }
  for (const Thread* lane : lanes) {
    if (lane->mask != thread.mask) return wrong("wrong mask: lanes that it names gave another,");
    if (!same_place(lane->where, thread.where)) return wrong("divergent warp operation");
  }
  if (thread.operation == std::string_view("__syncwarp")) meet(lanes);
  for (Thread* lane : lanes) {
    for (const Thread* other : lanes) lane->exchanged[other->lane()] = other->handed_in;
    lane->waits = Waits::kNothing;
  }
  return "";
}

}  // namespace simt
