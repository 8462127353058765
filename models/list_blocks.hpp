#pragma once

#include <algorithm>

#include "kernels/core/context.hpp"
#include "kernels/core/types.hpp"

namespace nextbest {

/// Customers for whom lists are made at a time: a GPU needs many to be busy. The lists do not depend on it.
constexpr Offset list_block(Device device) {
  return device == Device::kCuda ? 16'384 : 2048;
}

/// How many candidates each source gives for lists of k: deep enough that the blend has a choice.
constexpr Offset candidates_for(Offset k) {
  return std::max<Offset>(100, 2 * k);
}

}  // namespace nextbest
