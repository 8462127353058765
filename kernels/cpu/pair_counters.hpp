#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "kernels/cpu/expected_together.hpp"
#include "kernels/cpu/keep_where.hpp"
#include "kernels/cpu/pair_cells.hpp"
#include "kernels/cpu/pair_index.hpp"
#include "kernels/cpu/pair_repeats.hpp"

namespace nextbest::cpu {

/// One counter per item, by rank, and lists of those touched, so that a row costs what it touches.
template <class Cell>
class PairCounters {
 public:
  PairCounters(const CpuPairIndex& index)
      : index_(index),
        cells_(index.items),
        touched_(index.items + kKeptPadding),
        more_(index.items + kKeptPadding),
        flat_(index.largest_unit),
        before_(flat_.capacity()),
        repeats_(index.with_customers ? index.items : 0, index.largest_unit) {}

  /// Brings the first records of a row on their way from memory.
  void prefetch_first(std::span<const RowUnit> units) const {
    for (const RowUnit unit : units.first(std::min(kAhead, units.size()))) prefetch(unit);
  }
  /// Adds the units of a row, or a part of them that does not cut through a customer.
  void add(std::span<const RowUnit> units, Offset self, ExpectedTogether& chance) {
    std::size_t n = repeating_.size();
    repeating_.resize(n + units.size());
    RowUnit* const repeating = repeating_.data();
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (i + kAhead < units.size()) prefetch(units[i + kAhead]);
      const UnitRecord unit = index_.template read<Cell::kWeighted>(units[i]);
      if (!flat_.has_room_for(unit.items.size())) count_flat();
      flat_.append(unit.items, unit.weight);
      chance.add(static_cast<Offset>(unit.items.size()) - self, unit.weight);
      // Kept only where it may add no customer. Most do: they are the customer's only unit with the row's item.
      repeating[n] = units[i];
      n += unit.nobodys | units[i].same_customer() | (i + 1 < units.size() && units[i + 1].same_customer());
    }
    repeating_.resize(n);
    count_flat();
  }
  /// After the last add(): makes customers() right, of the items that are counted `least` times or oftener.
  void count_repeats(std::uint32_t least) {
    const std::size_t n = repeats_.empty() ? 0 : repeating_.size();
    const auto wanted = [&](std::uint32_t b) { return count(b) >= least; };
    for (std::size_t i = 0; i < n; ++i) {
      if (i + kAhead < n) prefetch(repeating_[i + kAhead]);
      const UnitRecord unit = index_.template read<Cell::kWeighted>(repeating_[i]);
      if (unit.nobodys)
        repeats_.add_nobodys(unit.items);
      else
        repeats_.add(unit.items, !repeating_[i].same_customer(), wanted);
    }
    repeats_.close(wanted);
    repeating_.clear();
  }
  /// Adds what another one counted of the same row.
  void merge(const PairCounters& other) {
    for (const std::uint32_t b : other.touched()) {
      const std::uint32_t before = count(b);
      cells_[b].merge(other.cells_[b]);
      if (before == 0) touched_[touched_size_++] = b;
      if (before <= 1 && count(b) > 1) more_[more_size_++] = b;
    }
    repeats_.merge(other.repeats_);
  }

  /// What was counted at all; more() is the part of it that was counted more than once, a tenth.
  std::span<const std::uint32_t> touched() const { return {touched_.data(), touched_size_}; }
  std::span<const std::uint32_t> more() const { return {more_.data(), more_size_}; }
  std::uint32_t count(std::uint32_t b) const { return cells_[b].count(); }
  std::int64_t weight(std::uint32_t b) const { return cells_[b].weight(); }
  /// After count_repeats(): distinct customers, that is units, less those of a customer who was there before and those
  /// of nobody.
  std::int64_t customers(std::uint32_t b) const {
    return repeats_.empty() ? 0 : std::int64_t{count(b)} - repeats_.of(b);
  }
  /// Forgets one item; it stays listed, with a count of 0.
  void drop(std::uint32_t b) { cells_[b] = Cell{}; }
  void clear() {
    for (const std::uint32_t b : touched()) cells_[b] = Cell{};
    touched_size_ = more_size_ = 0;
    repeating_.clear();
    repeats_.clear();
  }

 private:
  static constexpr std::size_t kAhead = 16;  // records on their way from memory

  void prefetch(RowUnit unit) const {
    __builtin_prefetch(index_.address(unit));
    __builtin_prefetch(index_.address(unit) + 16);  // the next line: half of the records reach it
  }

  void count_flat() {
    // Where what is listed were found here, each store would wait for the counts before it, and the next load of a
    // count for that store. Copies, because a cell of one kind may be of the type of a member, for all that the
    // compiler knows.
    Cell* const cells = cells_.data();
    std::uint32_t* const before = before_.data();
    const std::span<const std::uint32_t> items = flat_.items();
    const auto* const weight = flat_.numbers();
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::uint32_t b = items[i];
      before[i] = cells[b].count();
      cells[b].add(weight[i]);
    }
    touched_size_ += keep_where(items, before, 0, 1, touched_.data() + touched_size_);
    more_size_ += keep_where(items, before, 1, 2, more_.data() + more_size_);
    flat_.clear();
  }

  const CpuPairIndex& index_;
  HugePageVector<Cell> cells_;
  UnsetHugePageVector<std::uint32_t> touched_, more_;
  std::size_t touched_size_ = 0, more_size_ = 0;
  FlatRecords<typename Cell::Addend> flat_;  // wait to be counted
  std::vector<std::uint32_t> before_;        // counts of their items before them
  UnsetHugePageVector<RowUnit> repeating_;   // units that may add no customer to some item, wait for count_repeats()
  PairRepeats repeats_;
};

}  // namespace nextbest::cpu
