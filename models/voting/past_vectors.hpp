#pragma once

#include <utility>
#include <vector>

#include "kernels/core/csr.hpp"
#include "models/history.hpp"

namespace nextbest {

/// What customers had, as vectors of length 1:
///     x_i ~ sum over the baskets with i of basket_decay^(baskets after it)
/// Of more than most_items items the heaviest count, of equal ones those with the smaller code.
class PastVectors {
 public:
  PastVectors(Offset items, double basket_decay, int most_items);

  /// Appends the vector of baskets [first, last), which are one customer's; an empty row where there are none.
  void add(const HistoryView& history, Offset first, Offset last);

  Csr<float> vectors;  ///< [vectors that were added, items]

 private:
  using Entry = std::pair<Code, double>;
  void merge();
  void cut();

  double basket_decay_;
  std::size_t most_;
  std::vector<Entry> entries_;
};

}  // namespace nextbest
