#include "models/ease/params.hpp"

namespace nextbest {

void EaseParams::visit(ParamFields& fields) {
  const Range exponent{.least = 0, .most = 4};
  fields.number("user_exponent", user_exponent, exponent, Search::linear(0, 1.2));
  // Below this the solution has no digits left in float.
  fields.number("ridge", ridge, {.least = 0.001, .most = 1e6}, Search::log(0.03, 30));
  fields.number("dropout", dropout, {.least = 0, .most = 0.95}, Search::linear(0, 0.8));
  fields.number("target_exponent", target_exponent, exponent, Search::linear(0, 0.8));
  fields.whole("predictors", predictors, {.least = 1, .most = 2000}, Search::log(50, 400));
  fields.whole("kept", kept, {.least = 1, .most = 10'000}, Search::log(50, 1000));
  fields.whole("dense_items", dense_items, {.least = 0, .most = 100'000});
  fields.whole("min_customers", min_customers, {.least = 1});
  fields.whole("max_history_lines", max_history_lines, {.least = 2, .most = 10'000}, Search::log(20, 1000));
  anchors.visit(fields);
}

}  // namespace nextbest
