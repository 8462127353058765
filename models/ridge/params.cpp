#include "models/ridge/params.hpp"

namespace nextbest {

void RidgeParams::visit(ParamFields& fields) {
  fields.number("basket_decay", basket_decay, {.least = 0, .most = 1, .above = true}, Search::linear(0.6, 1));
  // Below this the solution has no digits left in float.
  fields.number("ridge", ridge, {.least = 0.001, .most = 1e6}, Search::log(1, 100));
  fields.whole("targets", targets, {.least = 1, .most = 1000}, Search::log(1, 20));
  fields.whole("items", items, {.least = 1, .most = 100'000});
  fields.whole("kept", kept, {.least = 1, .most = 10'000});
  fields.whole("customers", customers, {.least = 1, .most = 10'000'000});
  fields.whole("max_history_items", max_history_items, {.least = 1, .most = 100'000});
}

}  // namespace nextbest
