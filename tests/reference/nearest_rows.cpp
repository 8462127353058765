#include "tests/reference/nearest_rows.hpp"

#include <algorithm>

namespace nextbest::reference {

std::vector<NearRow> nearest_rows(const SparseRow& query, const std::vector<SparseRow>& references, int except) {
  std::vector<NearRow> near;
  for (int r = 0; r < static_cast<int>(references.size()); ++r) {
    if (r == except) continue;
    double product = 0;
    bool shared = false;
    for (const auto& [column, value] : query) {
      const auto found = references[r].find(column);
      if (found == references[r].end()) continue;
      shared = true;
      product += value * found->second;
    }
    if (shared) near.push_back({r, product});
  }
  std::sort(near.begin(), near.end(), [](const NearRow& x, const NearRow& y) {
    return x.product != y.product ? x.product > y.product : x.row < y.row;
  });
  return near;
}

}  // namespace nextbest::reference
