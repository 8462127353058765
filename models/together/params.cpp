#include "models/together/params.hpp"

namespace nextbest {

void TogetherParams::visit(ParamFields& fields) {
  const Range exponent{.least = 0, .most = 4};
  fields.number("gap_decay", gap_decay, {.most = 1, .zero = "only the same order"}, Search::linear(0.5, 1).or_zero());
  fields.number("gap_half_life_days", gap_half_life_days, {.zero = "no decay"}, Search::log(3, 365).or_zero());
  fields.number("half_life_days", half_life_days, {.zero = "no decay"}, Search::log(30, 730).or_zero());
  fields.number("sharpness", sharpness, {.least = 0, .most = 4, .above = true}, Search::linear(0.5, 1.5));
  fields.number("anchor_exponent", anchor_exponent, exponent, Search::linear(0.1, 1));
  fields.number("target_exponent", target_exponent, exponent, Search::linear(0, 0.8));
  fields.whole("neighbours", neighbours, {.least = 1, .most = 10'000}, Search::log(20, 400));
  fields.whole("min_pairs", min_pairs, {.least = 1}, Search::linear(1, 4));
  fields.whole("max_basket_lines", max_basket_lines, {.least = 2});
  fields.whole("max_history_lines", max_history_lines, {.least = 2, .most = 10'000}, Search::log(20, 500));
  anchors.visit(fields);
}

}  // namespace nextbest
