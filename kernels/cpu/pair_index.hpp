#pragma once

#include <cstring>
#include <vector>

#include "kernels/core/huge_pages.hpp"
#include "kernels/ops/pair_index.hpp"

namespace nextbest::cpu {

/// One unit as the counting loop reads it.
struct UnitRecord {
  std::span<const std::uint32_t> items;  ///< the right side, as ranks
  Code customer;
  std::int64_t weight;
};

/// Units as records in one stream, and per item the places of the records of its units. One random access brings all
/// that a row needs of a unit: size, customer, weight and items.
///
/// Items b are numbered by rank: units with them descending, code ascending. So the counters of what is bought often
/// lie side by side in the cache, and of two equal scores the smaller rank goes first.
class CpuPairIndex : public PairIndex {
 public:
  CpuPairIndex(Context& ctx, const PairUnits& units);

  std::span<const std::uint32_t> cells_of(Code a) const {
    return {cells_.data() + row_[a], static_cast<std::size_t>(row_[a + 1] - row_[a])};
  }
  const std::uint32_t* address(std::uint32_t cell) const { return words_.data() + Offset{cell} * kCellWords; }
  UnitRecord unit(std::uint32_t cell) const {
    const std::uint32_t* at = address(cell);
    std::int64_t weight = std::int64_t{1} << 20;
    if (weighted) std::memcpy(&weight, at + 2, sizeof weight);
    return {{at + header_words(), at[0]}, static_cast<Code>(at[1]), weight};
  }

  std::vector<Code> code;              ///< [items] of each rank
  std::vector<std::uint32_t> rank;     ///< [items] of each code
  std::vector<double> right_number;    ///< [items] by rank: units with b, weighted where there are weights
  std::vector<std::int64_t> row_work;  ///< [items] increments of counters in each row
  Offset largest_unit = 0;             ///< items on the right side, at most

 private:
  static constexpr Offset kCellWords = 4;  // records start at multiples of 16 bytes

  Offset header_words() const { return weighted ? 4 : 2; }
  Offset cells_for(Offset size) const { return (header_words() + size + kCellWords - 1) / kCellWords; }
  void order_items();
  void write_units(const PairUnits& units, Offset begin, Offset end, std::uint32_t cell, Offset* place);

  HugePageVector<std::uint32_t> words_;
  HugePageVector<std::uint32_t> cells_;  // [lines of the baskets] row by row
  std::vector<Offset> row_;              // [items + 1]
};

}  // namespace nextbest::cpu
