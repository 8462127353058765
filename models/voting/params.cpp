#include "models/voting/params.hpp"

namespace nextbest {

void VotingParams::visit(ParamFields& fields) {
  fields.number("basket_decay", basket_decay, {.least = 0, .most = 1, .above = true}, Search::linear(0.6, 1));
  fields.number("vote_half_life_days", vote_half_life_days, {.zero = "no decay"}, Search::log(3, 180).or_zero());
  fields.number("sharpness", sharpness, {.least = 0, .most = 8}, Search::linear(1, 4));
  fields.whole("neighbours", neighbours, {.least = 1, .most = 100'000}, Search::log(100, 2000));
  fields.whole("voters", voters, {.least = 1, .most = 10'000'000});
  fields.whole("max_history_items", max_history_items, {.least = 1, .most = 100'000});
}

}  // namespace nextbest
