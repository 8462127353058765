#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/core/draws.hpp"
#include "models/params/fields.hpp"
#include "models/recommender.hpp"

namespace nextbest {

/// One parameter of a source that `tune` may change; whole numbers and choices are kept as doubles.
struct TunedField {
  std::string name;
  Search search;
  bool whole = false;
  std::vector<std::string> names;  ///< of a choice; empty otherwise
  double value = 0;

  /// The value as it stands in a job file.
  std::string text() const;
};

/// The parameters of one source that have a search, in the order of its `visit`, with their values in `params`; those
/// of "ials" are `[embeddings]`. Empty for a source without any.
std::vector<TunedField> tuned_fields(const RecommenderParams& params, std::string_view source);

/// params with the values of these fields of one source.
RecommenderParams with_fields(RecommenderParams params, std::string_view source, std::span<const TunedField> fields);

/// A value anywhere in the field's search: uniform on its scale; 0 with probability 1/8 where that is tried.
double draw_anywhere(const TunedField& field, Draws& draws);

/// A value near the field's own: a normal step of `width` times the length of the scale; with probability 1/2 (1/8 for
/// a choice or an "off") the value itself or another choice. Stays inside the search, or on the field's value.
double draw_near(const TunedField& field, double width, Draws& draws);

}  // namespace nextbest
