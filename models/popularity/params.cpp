#include "models/popularity/params.hpp"

namespace nextbest {

void PopularityParams::visit(ParamFields& fields) {
  fields.number("recent_days", recent_days, {.zero = "all orders"}, Search::log(3, 365).or_zero());
}

}  // namespace nextbest
