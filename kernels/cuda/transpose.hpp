#pragma once

#include "kernels/cuda/buffer.hpp"

namespace nextbest::cuda {

/// The transpose on the device, as ops/transpose.hpp promises it. Waits for the stream.
/// Temporary memory: 12 bytes per entry, 16 more with values.
/// @throws InvalidArgument a code outside the columns, naming `operation` of the stream and the row
CsrBuffer transpose_on_device(const Stream& stream, const DeviceCsr& in);

}  // namespace nextbest::cuda
