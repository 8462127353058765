#pragma once

#include <map>
#include <vector>

namespace nextbest::reference {

using SparseRow = std::map<int, double>;

struct NearRow {
  int row;
  double product;
};

/// All inner products of a query with the references that share a column with it, largest first, ties by row; without
/// row `except`.
std::vector<NearRow> nearest_rows(const SparseRow& query, const std::vector<SparseRow>& references, int except);

}  // namespace nextbest::reference
