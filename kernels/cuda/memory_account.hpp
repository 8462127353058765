#pragma once

#include <cstddef>

namespace nextbest::cuda {

// What the operations of this process hold of the device's memory, in the order in which it is asked for and let go on
// the host: a stream reuses what was let go before. See kernels/core/devices.hpp for the limit and the peak.

/// To be asked first: false, and nothing is counted, when the limit would be passed.
bool reserve(std::size_t bytes);
void count_taken();  ///< what was reserved
void count_released(std::size_t bytes);
/// What the limit leaves; the largest number where there is none.
std::size_t left_of_limit();

}  // namespace nextbest::cuda
