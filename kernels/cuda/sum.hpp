#pragma once

#include "kernels/core/types.hpp"
#include "kernels/cuda/stream.hpp"

namespace nextbest::cuda {

/// The sum of values [size] on the device, in an order that follows from the size alone. Waits for the stream.
double sum_on_device(const Stream& stream, const double* values, Offset size);

}  // namespace nextbest::cuda
