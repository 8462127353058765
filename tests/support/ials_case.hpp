#pragma once

#include <algorithm>
#include <random>
#include <vector>

#include "kernels/core/csr.hpp"
#include "tests/reference/ials.hpp"
#include "tests/support/random_csr.hpp"

namespace nextbest::test {

/// Rows with the given numbers of distinct ascending columns. With weights: multiples of 1/4 in [1/4, 4].
inline Csr<float> csr_with_lengths(std::uint64_t seed, Offset cols, const std::vector<Offset>& lengths, bool weights) {
  std::mt19937_64 random(seed);
  Csr<float> csr;
  csr.cols = cols;
  std::vector<Code> deck(cols);
  for (Offset c = 0; c < cols; ++c) deck[c] = static_cast<Code>(c);
  for (const Offset length : lengths) {
    for (Offset i = 0; i < length; ++i) std::swap(deck[i], deck[i + below(random, cols - i)]);
    std::vector<Code> row(deck.begin(), deck.begin() + length);
    std::sort(row.begin(), row.end());
    csr.indices.insert(csr.indices.end(), row.begin(), row.end());
    csr.indptr.push_back(static_cast<Offset>(csr.indices.size()));
  }
  if (weights)
    for (std::size_t i = 0; i < csr.indices.size(); ++i)
      csr.values.push_back(static_cast<float>(below(random, 16) + 1) / 4);
  return csr;
}

inline reference::Ratings to_reference(const CsrView<float>& csr) {
  reference::Ratings out(csr.rows());
  for (Offset r = 0; r < csr.rows(); ++r)
    for (Offset i = 0; i < csr.row_size(r); ++i)
      out[r].push_back({csr.row(r)[i], csr.values.empty() ? 1.0 : csr.row_values(r)[i]});
  return out;
}

}  // namespace nextbest::test
