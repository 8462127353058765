#pragma once

#include "models/params/fields.hpp"

namespace nextbest {

/// `[recommend.voting]`; the formula is that of fit_voting(). The defaults were chosen on the validation parts of
/// Ta-Feng, Complete Journey and Online Retail.
struct VotingParams {
  double basket_decay = 0.95;       ///< what each later basket leaves of a purchase's weight in a customer's past
  double vote_half_life_days = 14;  ///< what sells changes with season and promotion; 0 = old votes count in full
  double sharpness = 2;             ///< of the cosine
  int neighbours = 1000;            ///< that vote for one customer
  int voters = 20'000;              ///< of more, a sample in which recent ones are likelier bounds time and memory
  int max_history_items = 500;      ///< of longer pasts the heaviest items count

  void visit(ParamFields& fields);
};

}  // namespace nextbest
