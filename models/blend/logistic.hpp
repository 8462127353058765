#pragma once

#include <span>
#include <vector>

#include "kernels/core/context.hpp"
#include "models/blend/trees.hpp"

namespace nextbest {

/// Log-odds as a linear function of standardised features.
struct Logistic {
  std::vector<float> centre, scale;  ///< [features]
  std::vector<float> weight;         ///< [features]
  float intercept = 0;

  float score(const float* features) const;
};

/// Minimises sum_r w_r log loss(r) + ridge |weight|^2 / 2 by Newton's method (iteratively reweighted least squares).
/// The same for every number of threads. Temporary memory: features^2 doubles per block of 4096 rows.
Logistic fit_logistic(Context& ctx, const TreeRows& rows, double ridge = 1.0);

}  // namespace nextbest
