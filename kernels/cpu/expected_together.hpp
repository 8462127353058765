#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/core/types.hpp"

namespace nextbest::cpu {

/// The units of one item by how many other items they hold, and what chance would make of them:
///     E_ab = sum over m of W_m * (1 - (1 - P_b)^m),   W_m = summed weight of the units with m others
/// (Smith & Linden 2017). Integers until the last sum; the order of add() does not matter.
class ExpectedTogether {
 public:
  static constexpr int kLanes = 56;  ///< shares that are worked on together

  /// most_others  the largest m that will be added
  explicit ExpectedTogether(Offset most_others) : weight_(most_others + 1, 0) {}

  /// One more unit; weight in fixed point 2^-20, above 0.
  void add(Offset others, std::int64_t weight) {
    weight_[others] += weight;
    largest_ = std::max(largest_, others);
  }
  /// Adds what another one was given for the same item.
  void merge(const ExpectedTogether& other) {
    for (Offset m = 0; m <= other.largest_; ++m)
      if (other.weight_[m] > 0) add(m, other.weight_[m]);
  }
  /// After the last add() of an item.
  void close();
  /// Forgets the item.
  void clear();

  /// E for n shares P. Run-time choice of the instruction set; every choice gives the same bits.
  void expected(const double* share, std::size_t n, double* result) const;
  /// Not above expected(), for the price of one power: 1 - (1 - P)^m is concave in m, so it lies above its chord from
  /// m = 0 to the largest m.
  double lower_bound(double share) const;

 private:
  std::vector<std::int64_t> weight_;  // [most_others + 1]
  Offset largest_ = 0;                // m that was added
  std::vector<Offset> others_;        // the m with weight, ascending, after close(),
  std::vector<double> number_;        // and their weights
  double chord_ = 0;                  // sum of W_m * m / largest m
};

}  // namespace nextbest::cpu
