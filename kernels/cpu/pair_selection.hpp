#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "kernels/cpu/sort_keys.hpp"

namespace nextbest::cpu {

/// The best k of the pairs offered: score (a float) descending, rank ascending. Score and rank are one number of 64
/// bits, so that an order is one comparison. Keeps more than k and a threshold that rises whenever they are cut back,
/// so that most pairs are refused by that comparison.
class PairSelection {
 public:
  static constexpr std::size_t kBlock = 256;                                ///< pairs offered at a time, at most
  static constexpr float kNever = -std::numeric_limits<float>::infinity();  ///< score of what must not be kept

  explicit PairSelection(std::int64_t k)
      : k_(static_cast<std::size_t>(k)), kept_(2 * k_ + kBlock + kKeysPadding), sorted_(kept_.size()) {}

  void offer(std::span<const std::uint32_t> rank, const float* score) {
    for (std::size_t i = 0; i < rank.size(); ++i) {
      kept_[size_] = key(score[i], rank[i]);
      size_ += kept_[size_] > threshold_;
    }
    if (size_ >= 2 * k_) cut();
  }
  /// Raises the threshold as far as what was offered allows.
  void tighten() {
    if (size_ >= k_) cut();
  }
  /// Scores below this cannot enter; kNever while there is room.
  float threshold() const { return threshold_ == kNothing ? kNever : score_of(threshold_); }

  bool refuses(float score, std::uint32_t rank) const { return key(score, rank) <= threshold_; }

  /// The best k, best first. Valid until clear().
  std::span<const std::uint64_t> sorted() {
    if (size_ > kMostPlaced) cut();
    sort();
    return {kept_.data(), size_};
  }
  void clear() {
    size_ = 0;
    threshold_ = kNothing;
  }

  static float score_of(std::uint64_t key) {
    const auto high = static_cast<std::uint32_t>(key >> 32);
    return std::bit_cast<float>(high & kSign ? high ^ kSign : ~high);
  }
  static std::uint32_t rank_of(std::uint64_t key) { return ~static_cast<std::uint32_t>(key); }

 private:
  static constexpr std::uint32_t kSign = 0x80000000;

  // The bits of floats ascend with the numbers when the sign is turned, and all bits of negative ones.
  static std::uint64_t key(float score, std::uint32_t rank) {
    const auto bits = std::bit_cast<std::uint32_t>(score + 0.0F);  // -0 is 0
    const std::uint32_t turned = bits ^ (bits & kSign ? 0xFFFFFFFF : kSign);
    return std::uint64_t{turned} << 32 | static_cast<std::uint32_t>(~rank);
  }
  // Above every key with the score kNever, below all others.
  static constexpr std::uint64_t kNothing = std::uint64_t{~std::bit_cast<std::uint32_t>(kNever)} << 32 | 0xFFFFFFFF;

  void cut() {
    if (size_ <= kMostPlaced)
      sort();
    else
      std::nth_element(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(k_) - 1,
                       kept_.begin() + static_cast<std::ptrdiff_t>(size_), std::greater<>());
    size_ = std::min(size_, k_);
    threshold_ = kept_[k_ - 1];
  }
  void sort() {
    sort_keys({kept_.data(), size_}, sorted_.data());
    kept_.swap(sorted_);
    size_ = std::min(size_, k_);
  }

  std::size_t k_;
  std::vector<std::uint64_t> kept_, sorted_;
  std::size_t size_ = 0;
  std::uint64_t threshold_ = kNothing;
};

}  // namespace nextbest::cpu
