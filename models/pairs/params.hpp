#pragma once

#include <string>
#include <vector>

#include "kernels/math/association.hpp"

namespace nextbest {

enum class BasketWeight { kNone, kInverse, kInverseLog };

/// `[pairs]` of the job file; the defaults are those of the published format.
struct PairsParams {
  std::vector<std::string> units = {"order", "customer_window"};
  double window_days = 90;
  double half_life_days = 180;  ///< 0 = no decay
  BasketWeight basket_weight = BasketWeight::kNone;
  Measure measure = Measure::kLlr;
  int top_per_item = 200;
  std::int64_t min_orders = 3;
  std::int64_t min_customers_per_pair = 5;  ///< `[check]`; not asked where there are no customers
  int max_basket_lines = 60;                ///< `[check]`; larger units are sampled
  std::uint64_t seed = 20240131;            ///< of the sampling

  /// @throws UsageError naming the job key and its range
  void validate() const;
};

}  // namespace nextbest
