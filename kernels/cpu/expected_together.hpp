#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/core/types.hpp"

namespace nextbest::cpu {

/// The units of one item by how many other items they hold, and what chance would make of them:
///     E_ab = sum over m of W_m * (1 - (1 - P_b)^m),   W_m = summed weight of the units with m others
/// (Smith & Linden 2017). Integers until the last sum; the order of add() does not matter.
class ExpectedTogether {
 public:
  static constexpr int kLanes = 32;  ///< shares that are worked on together

  /// most_others  the largest m that will be added
  explicit ExpectedTogether(Offset most_others) : weight_(most_others + 1, 0), others_(most_others + 2) {}

  /// One more unit; weight in fixed point 2^-20, above 0.
  void add(Offset others, std::int64_t weight) {
    others_[sizes_] = others;  // kept only when it is the first of its size; cheaper than a branch
    sizes_ += weight_[others] == 0;
    weight_[others] += weight;
  }
  /// Adds what another one was given for the same item.
  void merge(const ExpectedTogether& other) {
    for (const Offset m : other.sizes()) add(m, other.weight_[m]);
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
  std::span<const Offset> sizes() const { return {others_.data(), sizes_}; }

  std::vector<std::int64_t> weight_;  // [most_others + 1]
  std::vector<Offset> others_;        // the m with weight, ascending after close()
  std::size_t sizes_ = 0;             // how many of them
  std::vector<double> number_;        // their weights, after close()
  double chord_ = 0;                  // sum of W_m * m / largest m
};

}  // namespace nextbest::cpu
