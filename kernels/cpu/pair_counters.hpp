#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/cpu/expected_together.hpp"
#include "kernels/cpu/pair_index.hpp"
#include "kernels/math/fixed_point.hpp"

namespace nextbest::cpu {

/// One counter per item, by rank, and the list of those touched, so that a row costs what it touches. Counts of one row
/// fit 32 bits: a row has fewer than 2^31 units, because units are numbered by codes.
template <bool kWeighted>
class PairCounters {
 public:
  PairCounters(const CpuPairIndex& index)
      : index_(index), cells_(index.items), touched_(index.items + 1), seen_(index.with_customers ? index.items : 0) {}

  /// Adds the units of a row, or a part of them that does not cut through a customer.
  void add(std::span<const std::uint32_t> units, Offset self, ExpectedTogether& chance) {
    constexpr std::size_t kAhead = 24;  // records on their way from memory
    Code before = kNoCode;
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (i + kAhead < units.size()) {
        __builtin_prefetch(index_.address(units[i + kAhead]));
        __builtin_prefetch(index_.address(units[i + kAhead]) + 16);  // the next line: half of the records reach it
      }
      const UnitRecord unit = index_.unit(units[i]);
      for (const std::uint32_t b : unit.items) increment(b, unit.weight);
      chance.add(static_cast<Offset>(unit.items.size()) - self, unit.weight);
      if (seen_.empty()) continue;
      if (unit.customer != before) start_customer();
      const bool again = i + 1 < units.size() && index_.unit(units[i + 1]).customer == unit.customer;
      if (unit.customer == kNoCode || unit.customer == before || again) note_repeats(unit);
      before = unit.customer;
    }
  }
  /// Adds what another one counted of the same row.
  void merge(const PairCounters& other) {
    for (const std::uint32_t b : other.touched()) {
      touch(b);
      cells_[b].count += other.cells_[b].count;
      if constexpr (kWeighted) cells_[b].weight += other.cells_[b].weight;
      if (other.repeats_) seen_[b].repeats += other.seen_[b].repeats;
    }
    repeats_ = repeats_ || other.repeats_;
  }

  std::span<const std::uint32_t> touched() const { return {touched_.data(), touched_size_}; }
  std::uint32_t count(std::uint32_t b) const { return cells_[b].count; }
  std::int64_t weight(std::uint32_t b) const {
    if constexpr (kWeighted) return cells_[b].weight;
    return std::int64_t{cells_[b].count} << kWeightBits;
  }
  /// Distinct customers: units, less those of a customer who was there before and those of nobody.
  std::int64_t customers(std::uint32_t b) const {
    if (seen_.empty()) return 0;
    return std::int64_t{cells_[b].count} - (repeats_ ? seen_[b].repeats : 0);
  }
  /// Forgets one item; it stays listed as touched.
  void drop(std::uint32_t b) { cells_[b] = Cell{}; }
  void clear() {
    for (const std::uint32_t b : touched()) cells_[b] = Cell{};
    if (repeats_)
      for (const std::uint32_t b : touched()) seen_[b].repeats = 0;
    touched_size_ = 0;
    repeats_ = false;
  }

 private:
  struct PlainCell {
    std::uint32_t count = 0;
  };
  struct WeightedCell {
    std::int64_t weight = 0;
    std::uint32_t count = 0;
  };
  using Cell = std::conditional_t<kWeighted, WeightedCell, PlainCell>;
  struct Seen {
    std::uint32_t customer = 0;  // number of the customer who was last seen with the item
    std::uint32_t repeats = 0;   // units that add no customer
  };

  void touch(std::uint32_t b) {
    touched_[touched_size_] = b;  // kept only when it is b's first time; cheaper than a branch
    touched_size_ += cells_[b].count == 0;
  }
  void increment(std::uint32_t b, std::int64_t weight) {
    touch(b);
    ++cells_[b].count;
    if constexpr (kWeighted) cells_[b].weight += weight;
  }
  // Customers are numbered anew in every row, so that what an earlier row left in seen_ is nobody's.
  void start_customer() {
    if (++customer_ != 0) return;
    for (Seen& seen : seen_) seen.customer = 0;
    customer_ = 1;
  }
  // Most customers have one unit with an item and need not be noted at all.
  void note_repeats(const UnitRecord& unit) {
    repeats_ = true;
    for (const std::uint32_t b : unit.items) {
      seen_[b].repeats += unit.customer == kNoCode || seen_[b].customer == customer_;
      seen_[b].customer = customer_;
    }
  }

  const CpuPairIndex& index_;
  HugePageVector<Cell> cells_;
  HugePageVector<std::uint32_t> touched_;
  std::size_t touched_size_ = 0;
  std::vector<Seen> seen_;  // empty where customers are not counted
  std::uint32_t customer_ = 0;
  bool repeats_ = false;
};

}  // namespace nextbest::cpu
