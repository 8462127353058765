#pragma once

#include <string>

#include "kernels/core/error.hpp"

namespace nextbest {

/// Checks one condition of an operation's contract.
inline void expects(bool condition, const char* operation, const char* what) {
  if (!condition) throw InvalidArgument(std::string(operation) + ": " + what);
}

/// Checks that two extents agree; the message names both.
inline void expects_equal(std::int64_t actual, std::int64_t wanted, const char* operation, const char* what) {
  if (actual == wanted) return;
  throw ShapeMismatch(std::string(operation) + ": " + what + " is " + std::to_string(actual) + ", expected " +
                      std::to_string(wanted));
}

}  // namespace nextbest
