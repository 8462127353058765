#include "models/habit/params.hpp"

namespace nextbest {

void HabitParams::visit(ParamFields& fields) {
  fields.number("half_life_days", half_life_days, {.zero = "no decay"}, Search::log(7, 730).or_zero());
}

}  // namespace nextbest
