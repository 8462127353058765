#pragma once

#include "kernels/cuda/buffer.hpp"

namespace nextbest::cuda {

/// G = H^T H on the device, as ops/gramian.hpp promises it. H [rows, dim] and G [dim, dim] without gaps.
void device_gramian(const Stream& stream, const float* factors, Offset rows, Offset dim, double* out);

}  // namespace nextbest::cuda
