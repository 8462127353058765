#pragma once

#include "kernels/core/types.hpp"
#include "kernels/math/power_table.hpp"

namespace nextbest {

/// Lines in the order of time, see ops/sequence_top_k.hpp; `day` and `weight` may be nullptr.
struct LineArrays {
  const Code* item;
  const std::int32_t* basket;
  const std::int32_t* day;
  const float* weight;
};

/// Which lines of a customer are pairs, and how much they weigh, see ops/sequence_top_k.hpp.
struct LinePairRule {
  bool same_basket;
  bool either_order;
  double basket_decay;
  double window_days;
  PowerTable by_baskets;
  PowerTable by_days;
};

/// Whether lines e and f of one customer are a pair; if so, `weight` is w(e, f).
NEXTBEST_HOST_DEVICE inline bool is_line_pair(const LineArrays& in, const LinePairRule& rule, Offset e, Offset f,
                                              double& weight) {
  if (in.item[f] == in.item[e]) return false;
  const std::int32_t later = in.basket[f] - in.basket[e];
  std::int32_t baskets = later < 0 ? -later : later;
  if (baskets == 0 ? !rule.same_basket : rule.basket_decay == 0) return false;
  if (!rule.either_order && !rule.same_basket && later <= 0) return false;
  if (!rule.same_basket) --baskets;
  weight = rule.by_baskets(baskets);
  if (in.day != nullptr) {
    const std::int32_t between = in.day[f] - in.day[e], days = between < 0 ? -between : between;
    if (rule.window_days > 0 && days > rule.window_days) return false;
    weight *= rule.by_days(days);
  }
  if (in.weight != nullptr) weight *= in.weight[e < f ? e : f];
  return true;
}

/// The factor of one day where `half_life_days` halve a weight; 1 without half-life.
inline double factor_per_day(double half_life_days) {
  return half_life_days > 0 ? std::exp2(-1 / half_life_days) : 1.0;
}

}  // namespace nextbest
