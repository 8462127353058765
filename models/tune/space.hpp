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

/// A value near the field's own: a normal step of `width` times the length of the scale; any value of a choice or of
/// what is off, and off with probability 1/8 where that is tried. Stays inside the search.
double draw_near(const TunedField& field, double width, Draws& draws);

/// One field or two moved, near their values or anywhere: of ten fields moved at once one always goes wrong.
std::vector<TunedField> draw_move(const std::vector<TunedField>& from, double width, bool anywhere, Draws& draws);

}  // namespace nextbest
