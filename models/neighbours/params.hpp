#pragma once

#include "models/params/fields.hpp"

namespace nextbest {

/// Which purchases of a customer ask for their neighbours, and with what weight; see anchors_of().
struct AnchorParams {
  double half_life_days = 0;  ///< of an anchor's weight; 0 = no decay
  double basket_decay = 1;    ///< what each later basket of the customer leaves of an anchor's weight
  int most = 200;             ///< the heaviest anchors count; of equal ones those with the smaller code

  void visit(ParamFields& fields);
};

}  // namespace nextbest
