#pragma once

#include <cmath>

#include "kernels/core/host_device.hpp"
#include "kernels/core/types.hpp"

namespace nextbest {

/// 2^(-(now - then) / half_life); 1 without half-life or without a time. `then` after `now` counts as now.
NEXTBEST_HOST_DEVICE inline double decay(Micros now, Micros then, double half_life_days) {
  if (half_life_days <= 0 || then == kNoTime || then >= now) return 1.0;
  return std::exp2(-static_cast<double>(now - then) / (half_life_days * static_cast<double>(kMicrosPerDay)));
}

/// From one time to a later one; 0 where either is unknown or they stand the other way round.
NEXTBEST_HOST_DEVICE inline double days_between(Micros from, Micros to) {
  if (from == kNoTime || to == kNoTime || from >= to) return 0.0;
  return static_cast<double>(to - from) / static_cast<double>(kMicrosPerDay);
}

}  // namespace nextbest
