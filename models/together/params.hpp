#pragma once

#include "models/neighbours/params.hpp"

namespace nextbest {

/// `[recommend.together]`. The source recommends from co-purchase in one order; what is published as pairs has
/// thresholds of its own.
struct TogetherParams {
  int neighbours = 100;                ///< per item, by cosine
  int min_orders = 2;                  ///< orders with both; pairs seen once are noise in every data set tried
  int max_basket_lines = 100;          ///< larger orders are sampled; whole histories: kMaxHistoryLines
  AnchorParams anchors{60, 0.9, 200};  ///< recent purchases have the most say

  void visit(ParamFields& fields);
};

}  // namespace nextbest
