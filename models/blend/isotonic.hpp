#pragma once

#include <span>
#include <vector>

namespace nextbest {

/// A nondecreasing function from scores to probabilities, linear between its knots and constant outside.
struct Isotonic {
  std::vector<float> score;        ///< ascending
  std::vector<float> probability;  ///< nondecreasing

  bool empty() const { return score.empty(); }
  float operator()(float value) const;
};

/// Isotonic regression by pooling adjacent violators (Ayer et al. 1955): minimises sum w (p(score) - label)^2 over
/// nondecreasing p. Knots lie at the ends of each pool. Equal scores get equal probabilities.
Isotonic fit_isotonic(std::span<const float> score, std::span<const float> label, std::span<const float> weight);

}  // namespace nextbest
