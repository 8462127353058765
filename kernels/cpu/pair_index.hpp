#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "kernels/core/huge_pages.hpp"
#include "kernels/cpu/flat_records.hpp"
#include "kernels/math/fixed_point.hpp"
#include "kernels/ops/pair_index.hpp"

namespace nextbest::cpu {

/// One unit as the counting loop reads it.
struct UnitRecord {
  std::span<const std::uint32_t> items;  ///< the right side, as ranks
  bool nobodys;                          ///< adds no customer
  std::int64_t weight;
};

/// One unit in the list of a row: the place of its record, and whether it is the same customer's as the unit before it.
struct RowUnit {
  static constexpr std::uint32_t kSameCustomer = std::uint32_t{1} << 31;

  std::uint32_t cell() const { return bits & ~kSameCustomer; }
  bool same_customer() const { return bits & kSameCustomer; }

  std::uint32_t bits;
};

/// What all pairs with one item b share.
struct RightItem {
  double number;  ///< units with b, weighted where there are weights
  double margin;  ///< llr_margin() of that
};

/// Units as records in one stream, and per item the places of the records of its units. One random access brings all
/// that a row needs of a unit: size, weight and items.
///
/// Items b are numbered by rank: units with them descending, code ascending. So the counters of what is bought often
/// lie side by side in the cache, and of two equal scores the smaller rank goes first.
class CpuPairIndex : public PairIndex {
 public:
  CpuPairIndex(Context& ctx, const PairUnits& units);

  std::span<const RowUnit> units_of(Code a) const {
    const Offset* const row = row_.data() + rank[a];
    return {row_units_.data() + row[0], static_cast<std::size_t>(row[1] - row[0])};
  }
  /// About `share` of all lines on the right have an item of a smaller rank.
  std::uint32_t rank_at(double share) const {
    return rank_at_[static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(rank_at_.size() - 1))];
  }
  const std::uint32_t* address(RowUnit unit) const { return words_.data() + Offset{unit.cell()} * kCellWords; }
  template <bool kWeighted>
  UnitRecord read(RowUnit unit) const {
    const std::uint32_t* at = address(unit);
    std::int64_t weight = kWeightOne;
    if constexpr (kWeighted) std::memcpy(&weight, at + 1, sizeof weight);
    return {{at + (kWeighted ? 3 : 1), at[0] & ~kNobodys}, (at[0] & kNobodys) != 0, weight};
  }

  HugePageVector<Code> code;             ///< [items] of each rank
  std::vector<std::uint32_t> rank;       ///< [items] of each code
  HugePageVector<RightItem> right_item;  ///< [items] by rank
  std::vector<std::int64_t> row_work;    ///< [items] increments of counters in each row
  Offset largest_unit = 0;               ///< items on the right side, at most

 private:
  static constexpr Offset kCellWords = 4;  // records start at multiples of 16 bytes

  static constexpr std::uint32_t kNobodys = std::uint32_t{1} << 31;

  Offset header_words() const { return weighted ? 3 : 1; }
  Offset cells_for(Offset size) const { return (header_words() + size + kCellWords - 1) / kCellWords; }
  void order_items();
  /// What is counted of one item in a part of the units.
  struct Counted {
    Offset units = 0;
    std::int64_t work = 0;
  };
  /// Where it goes when the part is written. All that a line needs in one random access.
  struct Place {
    Offset next;  // in row_units_
    std::uint32_t rank;
    Code last_customer;
  };
  /// A part of the units that cuts through no customer.
  struct Part {
    Offset begin = 0, end = 0;  // units
    Offset cells = 0;
    Offset largest = 0;
    HugePageVector<Counted> counted;   // [items] by code
    UnsetHugePageVector<Place> place;  // likewise
  };

  void count_units(const PairUnits& units, Part& part) const;
  void give_places(std::vector<Part>& parts);
  void write_units(const PairUnits& units, std::uint32_t cell, Part& part);

  UnsetHugePageVector<std::uint32_t> words_;
  UnsetHugePageVector<RowUnit> row_units_;    // [lines of the baskets] row by row, these by rank
  std::vector<Offset> row_;                   // [items + 1] by rank
  std::array<std::uint32_t, 257> rank_at_{};  // of rank_at(), in equal steps of the share
};

}  // namespace nextbest::cpu
