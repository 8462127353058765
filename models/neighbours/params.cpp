#include "models/neighbours/params.hpp"

namespace nextbest {

void AnchorParams::visit(ParamFields& fields) {
  fields.number("anchor_half_life_days", half_life_days, {.zero = "no decay"}, Search::log(3, 730).or_zero());
  fields.number("anchor_basket_decay", basket_decay, {.least = 0, .most = 1, .above = true}, Search::linear(0.3, 1));
  fields.whole("anchors", most, {.least = 1, .most = 100'000});
}

}  // namespace nextbest
