#pragma once

#include <cstdint>
#include <deque>
#include <source_location>
#include <string>
#include <vector>

#include "tests/simt/fiber.hpp"
#include "tests/simt/shared_memory.hpp"
#include "tests/simt/types.hpp"

namespace simt {

inline constexpr unsigned kWarpSize = 32;

enum class Waits { kNothing, kBlock, kWarp };

struct Block;

/// One CUDA thread: its fiber, and what it waits for.
struct Thread {
  Fiber fiber;
  Block* block = nullptr;
  unsigned number = 0;  // within the block
  uint3 index{};
  Waits waits = Waits::kNothing;
  std::source_location where{};  // the barrier or warp operation that it waits in
  const char* operation = "";
  unsigned mask = 0;
  std::uint64_t handed_in = 0;
  std::uint64_t exchanged[kWarpSize] = {};  // what all lanes of the mask handed in

  unsigned lane() const { return number % kWarpSize; }
  bool runnable() const { return !fiber.ended() && waits == Waits::kNothing; }
};

/// A block in flight. The object, its fibers and its shared memory serve one block after another.
struct Block {
  uint3 index{};
  std::deque<Thread> threads;  // as many as the largest block so far; the first `size` are in use
  unsigned size = 0;
  unsigned ended = 0;
  unsigned arrived = 0;  // at the block's barrier
  SharedMemory shared;

  unsigned warps() const { return (size + kWarpSize - 1) / kWarpSize; }
  unsigned warp_end(unsigned warp) const { return size < (warp + 1) * kWarpSize ? size : (warp + 1) * kWarpSize; }
  bool done() const { return ended == size; }
  /// Makes ready to run block `at`; every thread will call body(argument).
  void start(uint3 at, dim3 extent, SharedMemory::Sizes sizes, Fiber::Body body, void* argument);
  /// Where its threads wait, in words.
  std::string describe() const;
};

/// Lets the block's barrier open when every thread has arrived. Returns what is wrong, or nothing.
std::string arrive_at_block(Block& block);
/// Lets a warp operation happen when all lanes of the mask of `thread` wait for the same one. Returns what is wrong.
std::string arrive_at_warp(Block& block, Thread& thread);

/// What the threads did so far happened before what they do next (for ThreadSanitizer); and the same towards the
/// scheduler.
void meet(const std::vector<Thread*>& threads);
void begin_after_scheduler(Block& block);
void end_before_scheduler(Block& block);

}  // namespace simt
