#pragma once

#include <vector>

#include "tests/reference/ials.hpp"
#include "tests/reference/rounded.hpp"

namespace nextbest::reference {

/// `steps` steps of conjugate gradients on ( sum c h h^T + D ) w = sum c h, preconditioned with the diagonal
/// D + sum c h^2, from `start`: the value without rounding, and how far a computation in floats may be from it when no
/// term of a sum over the row's n entries passes through more than `roundings` roundings.
std::vector<Rounded> conjugate_gradients(const std::vector<Rating>& row, const Dense& h, const std::vector<double>& d,
                                         const std::vector<double>& start, int steps, std::int64_t roundings);

}  // namespace nextbest::reference
