#pragma once

#include "models/params/fields.hpp"

namespace nextbest {

/// `[recommend.replenish]`; the formula is that of fit_replenish(). The defaults were chosen on the validation month of
/// Complete Journey.
struct ReplenishParams {
  double half_life_days = 60;  ///< of purchases, and of the days on which none was made; 0 = all count alike
  double shrinkage = 30;       ///< customers of the category, and of all items, that stand beside an item's own
  double horizon_days = 28;    ///< of the probability

  void visit(ParamFields& fields);
};

}  // namespace nextbest
