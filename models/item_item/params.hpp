#pragma once

#include "models/neighbours/params.hpp"

namespace nextbest {

/// `[recommend.item_item]`; the exponents are those of fit_item_item().
struct ItemItemParams {
  double user_exponent = 0.69;
  double sharpness = 0.95;
  double anchor_exponent = 0.5;
  double target_exponent = 0.35;
  int neighbours = 100;                ///< per item, chosen by the weighted cosine
  int min_customers = 2;               ///< with both items; one customer is an anecdote
  int max_history_lines = 80;          ///< of longer histories the newest items enter: better, and bounded work
  AnchorParams anchors{60, 0.8, 200};  ///< recent purchases have the most say

  void visit(ParamFields& fields);
};

}  // namespace nextbest
