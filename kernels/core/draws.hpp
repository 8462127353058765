#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "kernels/core/philox.hpp"

namespace nextbest {

/// A sequence of random numbers that belongs to one stream (a customer, a step of planting, a search) and to nothing
/// else: the same seed and stream give the same row of numbers.
class Draws {
 public:
  Draws(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}

  double uniform() { return philox_uniform(seed_, stream_, next_++); }  ///< in (0, 1]
  double normal() { return philox_normal(seed_, stream_, next_++); }
  bool chance(double probability) { return uniform() <= probability; }
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(philox_below(seed_, stream_, next_++, static_cast<std::uint64_t>(bound)));
  }
  /// A place in a list of cumulated weights, by weight.
  std::int64_t place(const std::vector<double>& cumulated) {
    const auto at = std::lower_bound(cumulated.begin(), cumulated.end(), uniform() * cumulated.back());
    return std::min<std::int64_t>(at - cumulated.begin(), static_cast<std::int64_t>(cumulated.size()) - 1);
  }
  template <class T>
  void shuffle(std::vector<T>& values) {
    for (std::size_t i = values.size(); i > 1; --i)
      std::swap(values[i - 1], values[below(static_cast<std::int64_t>(i))]);
  }

 private:
  std::uint64_t seed_, stream_, next_ = 0;
};

}  // namespace nextbest
