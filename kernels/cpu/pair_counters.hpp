#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/cpu/expected_together.hpp"
#include "kernels/cpu/pair_cells.hpp"
#include "kernels/cpu/pair_index.hpp"

namespace nextbest::cpu {

/// One counter per item, by rank, and the list of those touched, so that a row costs what it touches.
template <class Cell>
class PairCounters {
 public:
  PairCounters(const CpuPairIndex& index)
      : index_(index),
        cells_(index.items),
        touched_(index.items + 1),
        once_(index.items + 1),
        seen_(index.with_customers ? index.items : 0) {}

  /// Brings the first records of a row on their way from memory.
  void prefetch_first(std::span<const RowUnit> units) const {
    for (const RowUnit unit : units.first(std::min(kAhead, units.size()))) prefetch(unit);
  }
  /// Adds the units of a row, or a part of them that does not cut through a customer.
  void add(std::span<const RowUnit> units, Offset self, ExpectedTogether& chance) {
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (i + kAhead < units.size()) prefetch(units[i + kAhead]);
      const UnitRecord unit = index_.template read<Cell::kWeighted>(units[i]);
      for (const std::uint32_t b : unit.items) {
        touch(b);
        cells_[b].add(unit.weight);
      }
      chance.add(static_cast<Offset>(unit.items.size()) - self, unit.weight);
      if (seen_.empty()) continue;
      if (!units[i].same_customer()) start_customer();
      const bool again = i + 1 < units.size() && units[i + 1].same_customer();
      if (unit.nobodys || units[i].same_customer() || again) note_repeats(unit);
    }
  }
  /// Adds what another one counted of the same row.
  void merge(const PairCounters& other) {
    customer_ = std::max(customer_, first_customer_);
    for (const std::uint32_t b : other.touched()) {
      touch(b);
      cells_[b].merge(other.cells_[b]);
      if (!seen_.empty()) seen_[b] = {customer_, repeats(b) + other.repeats(b)};
    }
  }

  std::span<const std::uint32_t> touched() const { return {touched_.data(), touched_size_}; }
  /// Forgets those of the touched items for which passes(b, count) says no, and gives offer() the others, at most
  /// kBlock at a time. What was counted once comes last: that is most, and by then most of it is refused.
  template <std::size_t kBlock, class Passes, class Offer>
  void filter(Passes&& passes, Offer&& offer) {
    std::size_t once = 0, more = 0;
    for (std::size_t i = 0; i < touched_size_; ++i) {
      const std::uint32_t b = touched_[i];
      const bool is_once = cells_[b].count() == 1;
      once_[once] = b;
      once += is_once;
      touched_[more] = b;
      more += !is_once;
    }
    touched_size_ = 0;
    filter<kBlock>(std::span(touched_.data(), more), passes, offer);
    filter<kBlock>(
        std::span(once_.data(), once), [&](std::uint32_t b, std::uint32_t) { return passes(b, 1); }, offer);
  }
  std::uint32_t count(std::uint32_t b) const { return cells_[b].count(); }
  std::int64_t weight(std::uint32_t b) const { return cells_[b].weight(); }
  /// Distinct customers: units, less those of a customer who was there before and those of nobody.
  std::int64_t customers(std::uint32_t b) const {
    if (seen_.empty()) return 0;
    return std::int64_t{count(b)} - repeats(b);
  }
  /// Forgets one item; it stays listed as touched.
  void drop(std::uint32_t b) { cells_[b] = Cell{}; }
  void clear() {
    for (const std::uint32_t b : touched()) cells_[b] = Cell{};
    touched_size_ = 0;
    if (customer_ >> 31 != 0) {  // the next row might run out of numbers
      std::fill(seen_.begin(), seen_.end(), Seen{});
      customer_ = 0;
    }
    first_customer_ = customer_ + 1;
  }

 private:
  static constexpr std::size_t kAhead = 8;  // records on their way from memory

  struct Seen {
    std::uint32_t customer = 0;  // number of the customer who was last seen with the item
    std::uint32_t repeats = 0;   // units that add no customer, in the row of that customer
  };

  template <std::size_t kBlock, class Passes, class Offer>
  void filter(std::span<const std::uint32_t> items, Passes&& passes, Offer&& offer) {
    for (std::size_t at = 0; at < items.size(); at += kBlock) {
      const std::size_t first = touched_size_;
      for (const std::uint32_t b : items.subspan(at, std::min(kBlock, items.size() - at))) {
        const bool pass = passes(b, cells_[b].count());
        touched_[touched_size_] = b;
        touched_size_ += pass;
        cells_[b] = pass ? cells_[b] : Cell{};
      }
      offer(std::span<const std::uint32_t>(touched_.data() + first, touched_size_ - first));
    }
  }
  void prefetch(RowUnit unit) const {
    __builtin_prefetch(index_.address(unit));
    __builtin_prefetch(index_.address(unit) + 16);  // the next line: half of the records reach it
  }
  void touch(std::uint32_t b) {
    touched_[touched_size_] = b;  // kept only when it is b's first time; cheaper than a branch
    touched_size_ += cells_[b].empty();
  }
  // Customers are numbered on from row to row, so that what an earlier row left in seen_ shows as its.
  void start_customer() { ++customer_; }
  std::uint32_t repeats(std::uint32_t b) const { return seen_[b].customer >= first_customer_ ? seen_[b].repeats : 0; }
  // Most customers have one unit with an item and need not be noted at all.
  void note_repeats(const UnitRecord& unit) {
    for (const std::uint32_t b : unit.items)
      seen_[b] = {customer_, repeats(b) + (unit.nobodys || seen_[b].customer == customer_)};
  }

  const CpuPairIndex& index_;
  HugePageVector<Cell> cells_;
  HugePageVector<std::uint32_t> touched_;
  std::size_t touched_size_ = 0;
  HugePageVector<std::uint32_t> once_;  // of filter()
  std::vector<Seen> seen_;              // empty where customers are not counted
  std::uint32_t customer_ = 0, first_customer_ = 1;
};

}  // namespace nextbest::cpu
