#pragma once

#include "kernels/core/csr.hpp"
#include "kernels/core/view.hpp"

namespace nextbest::cpu {

/// sum_S c (w . h - 1)^2 over all entries, in double, entry after entry. Compiled for several instruction sets.
double weighted_squared_errors(const CsrView<float>& ratings, Matrix<const float> users, Matrix<const float> items);

}  // namespace nextbest::cpu
