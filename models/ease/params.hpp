#pragma once

#include "models/neighbours/params.hpp"

namespace nextbest {

/// `[recommend.ease]`; the formula is that of fit_ease(). The defaults were chosen on validation parts carved out of
/// the training data of Gowalla and Beibei.
struct EaseParams {
  double user_exponent = 0.4;
  double ridge = 3;             ///< penalty, as a multiple of the mean of the Gramian's diagonal
  double dropout = 0.5;         ///< p: p / (1 - p) of an item's own diagonal is penalty too
  double target_exponent = 0;   ///< popularity damping of what is offered
  int predictors = 200;         ///< of each item, where the Gramian of all does not fit
  int kept = 400;               ///< weights of each item, the largest
  int dense_items = 8192;       ///< with more items each is regressed on its nearest alone
  int min_customers = 2;        ///< an item needs, as do its nearest items with it
  int max_history_lines = 200;  ///< of longer histories the newest items enter
  AnchorParams anchors{60, 0.8, 500};

  void visit(ParamFields& fields);
};

}  // namespace nextbest
