#pragma once

#include <string>

#include "kernels/core/context.hpp"

namespace nextbest {

/// Whether this program works on `device`: what came out wrong, in words, or nothing. ALS on a checkerboard of
/// purchases has to find the missing ones; on a GPU the pairs of two thousand random baskets and the lists of a
/// thousand random customers have to equal the CPU's bit for bit. About a second.
/// @throws DeviceUnavailable, BackendNotBuilt, CudaError
std::string self_test(Device device);

}  // namespace nextbest
