#pragma once

#include "models/params/fields.hpp"

namespace nextbest {

/// `[recommend.ridge]`; the formula is that of fit_ridge(). The defaults were chosen on the validation parts of
/// Ta-Feng, Complete Journey and Online Retail.
struct RidgeParams {
  double basket_decay = 0.8;    ///< what each later basket leaves of a purchase's weight in a customer's past
  double ridge = 10;            ///< penalty, as a multiple of the mean of the Gramian's diagonal
  int targets = 1;              ///< of each customer's baskets so many of the newest are learnt from
  int items = 4096;             ///< only the items that are bought most take part
  int kept = 200;               ///< weights of each item, the largest
  int customers = 100'000;      ///< of more, evenly spaced ones
  int max_history_items = 500;  ///< of longer pasts the heaviest items count

  void visit(ParamFields& fields);
};

}  // namespace nextbest
