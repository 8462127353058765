#include "models/replenish/params.hpp"

namespace nextbest {

void ReplenishParams::visit(ParamFields& fields) {
  fields.number("half_life_days", half_life_days, {.zero = "no decay"}, Search::log(7, 365).or_zero());
  fields.number("shrinkage", shrinkage, {.least = 0, .most = 1e6, .above = true}, Search::log(3, 1000));
  fields.number("horizon_days", horizon_days, {.least = 0, .most = 3650, .above = true});
}

}  // namespace nextbest
