#pragma once

#include "models/neighbours/params.hpp"

namespace nextbest {

/// `[recommend.after]`; the formula is that of fit_after().
struct AfterParams {
  double window_days = 90;             ///< later purchases further away have nothing to do with it
  double gap_decay = 0.7;              ///< what a pair loses with every basket in between; 0: only the next one
  double gap_half_life_days = 0;       ///< and with the days in between; 0 = no decay
  double half_life_days = 60;          ///< of the earlier purchase; 0 = no decay
  double prior = 5;                    ///< kappa: what an item needs of later purchases before its pairs are believed
  double target_exponent = 0.35;       ///< beta
  int neighbours = 100;                ///< per item
  int min_pairs = 2;                   ///< times the pair was seen
  int max_basket_lines = 100;          ///< larger orders are sampled
  int max_history_lines = 100;         ///< of longer histories the newest orders count: better, and bounded work
  AnchorParams anchors{30, 0.7, 100};  ///< recent purchases have the most say

  void visit(ParamFields& fields);
};

}  // namespace nextbest
