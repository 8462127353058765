#pragma once

#include <cstdint>

namespace nextbest {

/// Starts a new measurement of the peak (where the kernel allows it; otherwise the peak is that of the whole process).
void reset_peak_host_bytes();
/// Gives freed memory that the allocators keep back to the system, so that a stage's peak is its own.
void release_free_memory();
/// The largest resident memory since the last reset.
std::int64_t peak_host_bytes();
/// Memory of this machine, or of the container or the process (ulimit -v) where that is less.
std::int64_t total_host_bytes();

}  // namespace nextbest
