#include "models/ials/params.hpp"

namespace nextbest {

void IalsParams::visit(ParamFields& fields) {
  fields.whole("factors", factors, {.least = 1, .most = 1024}, Search::log(32, 128));
  fields.whole("iterations", iterations, {.least = 1});
  fields.number("regularization", regularization, {.least = 0, .above = true}, Search::log(3e-4, 0.3));
  fields.number("unobserved_weight", unobserved_weight, {}, Search::log(1e-4, 1));
  fields.number("frequency_exponent", frequency_exponent, {});
  fields.number("half_life_days", half_life_days, {.zero = "no decay"}, Search::log(7, 730).or_zero());
  fields.flag("warm_start", warm_start);
  choice_field(fields, "confidence", confidence, {"one", "log"}, true);
}

void IalsParams::validate() const {
  check_ranges_of("embeddings", *this);
}

}  // namespace nextbest
