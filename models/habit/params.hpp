#pragma once

#include "models/params/fields.hpp"

namespace nextbest {

/// `[recommend.habit]`.
struct HabitParams {
  double half_life_days = 120;  ///< of a purchase's weight; 0 = no decay

  void visit(ParamFields& fields);
};

}  // namespace nextbest
