#pragma once

#include <functional>
#include <source_location>
#include <string>

#include "tests/simt/block.hpp"
#include "tests/simt/types.hpp"

namespace simt {

/// Which warp runs next, and which of its lanes. A warp runs as far ahead as it can before another one does; the
/// random order also stops a thread before an atomic operation now and then.
enum class Order { kForward, kReverse, kRandom };

/// The order of the launches to come; by default every launch takes the next one, or all take the one that
/// NEXTBEST_SIMT_ORDER names (forward, reverse, random).
void set_order(Order order);
void set_order_by_turns();

/// Runs kernel() once in every thread of the grid, several blocks at a time. Returns what went wrong, or nothing.
/// most_shared  memory that a block may have, in all
std::string run_grid(const cudaLaunchConfig_t& config, std::size_t most_shared, const std::function<void()>& kernel);

// For the code of kernels, that is inside run_grid() only.
Thread& this_thread();
uint3 thread_index();
uint3 block_index();
uint3 grid_extent();
uint3 block_extent();
void wait_for_block(const std::source_location& where);
void wait_for_warp(const char* operation, unsigned mask, std::uint64_t value, const std::source_location& where);
/// What `lane` handed in to the warp operation that this thread took part in last.
std::uint64_t exchanged(unsigned lane);
/// Lets others run now and then.
void perhaps_pause();
/// Ends the launch with an error. Does not return.
[[noreturn]] void fail(const char* what);

}  // namespace simt
