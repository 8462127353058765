#include "models/together/params.hpp"

namespace nextbest {

void TogetherParams::visit(ParamFields& fields) {
  fields.whole("neighbours", neighbours, {.least = 1, .most = 10'000}, Search::log(20, 400));
  fields.whole("min_orders", min_orders, {.least = 1}, Search::linear(1, 4));
  fields.whole("max_basket_lines", max_basket_lines, {.least = 2});
  anchors.visit(fields);
}

}  // namespace nextbest
