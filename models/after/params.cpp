#include "models/after/params.hpp"

namespace nextbest {

void AfterParams::visit(ParamFields& fields) {
  fields.number("window_days", window_days, {.zero = "no limit"}, Search::log(14, 365));
  fields.number("gap_decay", gap_decay, {.least = 0, .most = 1, .above = true}, Search::linear(0.3, 1));
  fields.number("gap_half_life_days", gap_half_life_days, {.zero = "no decay"}, Search::log(3, 180).or_zero());
  fields.number("half_life_days", half_life_days, {.zero = "no decay"}, Search::log(30, 730).or_zero());
  fields.number("prior", prior, {}, Search::log(0.5, 50));
  fields.number("target_exponent", target_exponent, {.least = 0, .most = 4}, Search::linear(0, 0.6));
  fields.whole("neighbours", neighbours, {.least = 1, .most = 10'000}, Search::log(20, 400));
  fields.whole("min_pairs", min_pairs, {.least = 1}, Search::linear(1, 4));
  fields.whole("max_basket_lines", max_basket_lines, {.least = 2});
  fields.whole("max_history_lines", max_history_lines, {.least = 2, .most = 10'000}, Search::log(20, 500));
  anchors.visit(fields);
}

}  // namespace nextbest
