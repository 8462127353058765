#include "models/item_item/params.hpp"

namespace nextbest {

void ItemItemParams::visit(ParamFields& fields) {
  const Range exponent{.least = 0, .most = 4};
  fields.number("user_exponent", user_exponent, exponent, Search::linear(0, 1.2));
  fields.number("sharpness", sharpness, {.least = 0, .most = 4, .above = true}, Search::linear(0.5, 1.5));
  fields.number("anchor_exponent", anchor_exponent, exponent, Search::linear(0.1, 1));
  fields.number("target_exponent", target_exponent, exponent, Search::linear(0, 0.8));
  fields.whole("neighbours", neighbours, {.least = 1, .most = 10'000}, Search::log(20, 400));
  fields.whole("min_customers", min_customers, {.least = 1}, Search::linear(1, 4));
  fields.whole("max_history_lines", max_history_lines, {.least = 2, .most = 10'000}, Search::log(20, 500));
  anchors.visit(fields);
}

}  // namespace nextbest
