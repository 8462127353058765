#pragma once

#include <cmath>

namespace nextbest {

inline constexpr double kMissingDays = 10'000;  ///< since or between what never happened

// An item's own numbers, taken exactly, would be its name, by which a model learns what was bought in one month instead
// of what is bought.
inline float coarse(double value, double step) {
  return static_cast<float>(std::round(value / step) * step);
}

inline float log1p(double value) {
  return static_cast<float>(std::log1p(value));
}

}  // namespace nextbest
