#include "models/pairs/params.hpp"

#include "kernels/core/error.hpp"

namespace nextbest {

void PairsParams::validate() const {
  if (units.empty()) throw UsageError("pairs.units: at least one of \"order\", \"customer_window\" is needed");
  for (const std::string& unit : units)
    if (unit != "order" && unit != "customer_window")
      throw UsageError("pairs.units: \"" + unit + "\" is neither \"order\" nor \"customer_window\"");
  if (!(window_days > 0)) throw UsageError("pairs.window_days: must be above 0");
  if (!(half_life_days >= 0)) throw UsageError("pairs.half_life_days: must be 0 (no decay) or above");
  if (top_per_item < 1) throw UsageError("pairs.top_per_item: must be at least 1");
  if (min_orders < 1) throw UsageError("pairs.min_orders: must be at least 1");
  if (min_customers_per_pair < 0) throw UsageError("check.min_customers_per_pair: must be 0 or above");
  if (max_basket_lines < 2) throw UsageError("check.max_basket_lines: must be at least 2");
}

}  // namespace nextbest
