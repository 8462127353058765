#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>

#include "kernels/core/csr.hpp"

namespace nextbest::test {

/// A random number below `bound`, the same with every standard library.
inline std::int64_t below(std::mt19937_64& random, std::int64_t bound) {
  return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bound));
}

/// Rows of 0 to 2 * mean distinct ascending codes; small codes are drawn more often, as in real purchases. Every
/// seventh row or so is empty. Without values.
inline Csr<float> random_csr(std::uint64_t seed, Offset rows, Offset cols, Offset mean) {
  std::mt19937_64 random(seed);
  Csr<float> csr;
  csr.cols = cols;
  for (Offset r = 0; r < rows; ++r) {
    std::set<Code> codes;
    const Offset wanted = cols == 0 || below(random, 7) == 0 ? 0 : below(random, 2 * mean + 1);
    for (Offset i = 0; i < wanted; ++i) codes.insert(static_cast<Code>(below(random, below(random, cols) + 1)));
    csr.indices.insert(csr.indices.end(), codes.begin(), codes.end());
    csr.indptr.push_back(static_cast<Offset>(csr.indices.size()));
  }
  return csr;
}

}  // namespace nextbest::test
