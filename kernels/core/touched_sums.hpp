#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/core/types.hpp"

namespace nextbest {

/// Sums by place, as large as what can be touched and as cheap as what was: to add up sparse rows one after the other.
/// A place's sum grows in float, in the order of the calls, from 0.
/// Memory: 8 bytes per place.
class TouchedSums {
 public:
  explicit TouchedSums(Offset places) : sum_(places, kUntouched), touched_(places + 1) {}

  void add(Code place, float value) { size_ += put(place, value, size_); }
  /// weight * values[n] to every places[n].
  void add(std::span<const Code> places, std::span<const float> values, float weight) {
    Offset size = size_;
    for (std::size_t n = 0; n < places.size(); ++n) size += put(places[n], weight * values[n], size);
    size_ = size;
  }
  float operator[](Code place) const { return sum_[place] + 0.0f; }
  /// The next drain() passes the place over. Nothing is added between.
  void forget(Code place) { sum_[place] = kUntouched; }

  /// Calls visit(place, sum) for every touched place in the order of their first touch, and leaves all untouched.
  template <class Visit>
  void drain(const Visit& visit) {
    for (Offset n = 0; n < size_; ++n) {
      const Code place = touched_[n];
      const float sum = sum_[place];
      if (is_untouched(sum)) continue;
      sum_[place] = kUntouched;
      visit(place, sum);
    }
    size_ = 0;
  }

 private:
  // A sum never becomes the negative zero: only that plus itself is one, and a value plus zero is none.
  static constexpr float kUntouched = -0.0f;
  static bool is_untouched(float sum) { return std::bit_cast<std::uint32_t>(sum) == std::uint32_t{1} << 31; }

  // Without a branch, which would be mispredicted about every other time: the place is noted always, and kept when new.
  bool put(Code place, float value, Offset end) {
    float& sum = sum_[place];
    const bool is_new = is_untouched(sum);
    touched_[end] = place;
    sum += value + 0.0f;
    return is_new;
  }

  std::vector<float> sum_;
  std::vector<Code> touched_;  // the first size_, and room for one that is not kept
  Offset size_ = 0;
};

}  // namespace nextbest
