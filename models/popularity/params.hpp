#pragma once

#include "models/params/fields.hpp"

namespace nextbest {

/// `[recommend.popularity]`.
struct PopularityParams {
  double recent_days = 30;  ///< only orders this new count; 0 = all of them

  void visit(ParamFields& fields);
};

}  // namespace nextbest
