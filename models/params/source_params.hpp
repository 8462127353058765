#pragma once

#include "models/after/params.hpp"
#include "models/ease/params.hpp"
#include "models/habit/params.hpp"
#include "models/item_item/params.hpp"
#include "models/params/fields.hpp"
#include "models/popularity/params.hpp"
#include "models/replenish/params.hpp"
#include "models/ridge/params.hpp"
#include "models/together/params.hpp"
#include "models/voting/params.hpp"

namespace nextbest {

/// The parameters of the sources, `[recommend.<source>]` of the job file; those of "ials" are `[embeddings]`. Defaults
/// were chosen on validation windows of five data sets.
struct SourceParams {
  HabitParams habit;
  VotingParams voting;
  TogetherParams together;
  AfterParams after;
  ItemItemParams item_item;
  EaseParams ease;
  PopularityParams popularity;
  ReplenishParams replenish;
  RidgeParams ridge;

  /// Each source's own fields inside a group with the source's name.
  void visit(ParamFields& fields);
};

}  // namespace nextbest
