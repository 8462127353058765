#pragma once

#include <array>
#include <span>
#include <vector>

#include "models/blend/own_history.hpp"
#include "models/history.hpp"

namespace nextbest {

/// What items cost, and what a customer is used to pay.
class PriceLevels {
 public:
  PriceLevels() = default;
  /// learnt  its prices, and its categories where there are some
  explicit PriceLevels(const HistoryView& learnt);

  /// level     log of the item's price, coarsely
  /// relation  level minus the median over the customer's lines
  /// rank      log of the price, less the mean over the items of its category, coarsely
  /// taste     rank minus its mean over the customer's lines: does he buy the dear or the cheap one of its kind
  /// Empty where no prices are known; without categories all items are one kind.
  std::span<const char* const> features() const;

  struct Taste {
    float level = 0, rank = 0;
  };
  Taste taste_of(const OwnHistory& own) const;

  /// out  [features().size()]; 0 for an item without a price
  void fill(const Taste& taste, Code item, float* out) const;

 private:
  static constexpr float kUnknown = -1000;
  std::vector<float> level_, rank_;  // [items], kUnknown; empty without prices
};

}  // namespace nextbest
