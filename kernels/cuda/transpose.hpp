#pragma once

#include "kernels/cuda/buffer.hpp"

namespace nextbest::cuda {

/// The transpose on the device, as ops/transpose.hpp promises it. Waits for the stream.
/// Temporary memory: 16 bytes per entry, 24 with values.  first_row  what row 0 is called in an error
/// @throws InvalidArgument a code outside the columns, naming `operation` of the stream and the row
CsrBuffer transpose_on_device(const Stream& stream, const DeviceCsr& in, Offset first_row = 0);

}  // namespace nextbest::cuda
