#pragma once

#include "models/neighbours/params.hpp"

namespace nextbest {

/// `[recommend.together]`; the formula is that of fit_together(). What is published as pairs has thresholds of its own.
struct TogetherParams {
  double gap_decay = 0.9;         ///< what a pair loses with every basket in between; 0: only pairs in one order
  double gap_half_life_days = 0;  ///< and with the days in between; 0 = no decay
  double half_life_days = 0;      ///< of the older purchase of a pair; 0 = no decay
  double sharpness = 1;
  double anchor_exponent = 0.5;
  double target_exponent = 0.35;
  int neighbours = 100;                ///< per item
  int min_pairs = 2;                   ///< times the pair was seen; once is noise in every data set tried
  int max_basket_lines = 100;          ///< larger orders are sampled; whole histories: kMaxHistoryLines
  int max_history_lines = 80;          ///< of longer histories the newest orders count: better, and bounded work
  AnchorParams anchors{60, 0.8, 200};  ///< recent purchases have the most say

  void visit(ParamFields& fields);
};

}  // namespace nextbest
