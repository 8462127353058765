#pragma once

#include <cstdint>

#include "kernels/math/fixed_point.hpp"

namespace nextbest::cpu {

// What is counted of one item b within a row: units, and their weights where units are weighted. A row whose sums fit
// is counted in small cells: more of them fit the cache, and one addition does. Counts of one row fit 32 bits, because
// units are numbered by codes.

/// Numbers that no cell of the row exceeds.
struct RowSums {
  std::int64_t count;
  std::int64_t weight;
};

template <class Unsigned>
struct CountCell {
  struct Addend {  // nothing: an item counts 1
    Addend(std::int64_t) {}
  };
  static constexpr bool kWeighted = false;
  static constexpr bool fits(const RowSums& row) { return row.count <= static_cast<Unsigned>(~Unsigned{0}); }

  bool empty() const { return n == 0; }
  std::uint32_t count() const { return n; }
  std::int64_t weight() const { return std::int64_t{n} << kWeightBits; }
  void add(Addend) { ++n; }
  void merge(const CountCell& other) { n = static_cast<Unsigned>(n + other.n); }

  Unsigned n = 0;
};

/// Count in the low bits, weight above.
struct PackedCell {
  using Addend = std::int64_t;
  static constexpr bool kWeighted = true;
  static constexpr int kCountBits = 20;
  static constexpr bool fits(const RowSums& row) {
    return row.count >> kCountBits == 0 && row.weight >> (63 - kCountBits) == 0;
  }

  bool empty() const { return sums == 0; }
  std::uint32_t count() const { return sums & ((1U << kCountBits) - 1); }
  std::int64_t weight() const { return static_cast<std::int64_t>(sums >> kCountBits); }
  void add(std::int64_t of_unit) { sums += (static_cast<std::uint64_t>(of_unit) << kCountBits) + 1; }
  void merge(const PackedCell& other) { sums += other.sums; }

  std::uint64_t sums = 0;
};

struct WideCell {
  using Addend = std::int64_t;
  static constexpr bool kWeighted = true;
  static constexpr bool fits(const RowSums&) { return true; }

  bool empty() const { return n == 0; }
  std::uint32_t count() const { return n; }
  std::int64_t weight() const { return sum; }
  void add(std::int64_t of_unit) { ++n, sum += of_unit; }
  void merge(const WideCell& other) { n += other.n, sum += other.sum; }

  std::int64_t sum = 0;
  std::uint32_t n = 0;
};

/// The cells of rows that fit small ones, and of all others.
template <bool kWeighted>
struct CellsFor;
template <>
struct CellsFor<false> {
  using Small = CountCell<std::uint16_t>;
  using Wide = CountCell<std::uint32_t>;
};
template <>
struct CellsFor<true> {
  using Small = PackedCell;
  using Wide = WideCell;
};

}  // namespace nextbest::cpu
