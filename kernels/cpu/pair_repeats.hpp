#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/core/huge_pages.hpp"
#include "kernels/core/types.hpp"
#include "kernels/cpu/flat_records.hpp"

namespace nextbest::cpu {

/// Of one row: for every item b, by rank, the units with b that add no customer, because the customer was there before
/// or because they are nobody's.
class PairRepeats {
 public:
  /// items  0 where customers are not counted
  PairRepeats(Offset items, Offset largest_unit)
      : last_seen_(items),
        repeats_(items),
        repeated_(items + 1),
        units_(largest_unit),
        again_(units_.capacity() + 1),
        of_(units_.capacity() + 1) {}

  bool empty() const { return repeats_.empty(); }
  std::uint32_t of(std::uint32_t b) const { return repeats_[b]; }

  void add_nobodys(std::span<const std::uint32_t> items) {
    for (const std::uint32_t b : items) note(b, 1);
  }
  /// One of several units of a customer, the first or a later one. Only items that are `wanted` are looked at.
  template <class Wanted>
  void add(std::span<const std::uint32_t> items, bool first, Wanted&& wanted) {
    if (!units_.has_room_for(items.size())) close(wanted);
    if (first) next_customer(wanted);
    units_.append(items, customer_);
  }
  /// After the last add().
  template <class Wanted>
  void close(Wanted&& wanted) {
    std::uint16_t* const last_seen = last_seen_.data();
    const std::uint16_t* const customer = units_.numbers();
    const std::span<const std::uint32_t> items = units_.items();
    std::size_t n = 0, again = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
      again_[n] = items[i];
      of_[n] = customer[i];
      n += wanted(items[i]);
    }
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint32_t b = again_[i];
      again_[again] = b;
      again += last_seen[b] == of_[i];
      last_seen[b] = of_[i];
    }
    for (std::size_t i = 0; i < again; ++i) note(again_[i], 1);
    units_.clear();
  }
  void merge(const PairRepeats& other) {
    for (const std::uint32_t b : other.repeated()) note(b, other.repeats_[b]);
  }
  void clear() {
    for (const std::uint32_t b : repeated()) repeats_[b] = 0;
    size_ = 0;
  }

 private:
  std::span<const std::uint32_t> repeated() const { return {repeated_.data(), size_}; }
  void note(std::uint32_t b, std::uint32_t units) {
    repeated_[size_] = b;
    size_ += repeats_[b] == 0;
    repeats_[b] += units;
  }
  // Numbered on from row to row, so that what an earlier row left behind is no customer of this one.
  template <class Wanted>
  void next_customer(Wanted&& wanted) {
    if (++customer_ != 0) return;
    close(wanted);
    std::fill(last_seen_.begin(), last_seen_.end(), std::uint16_t{0});
    customer_ = 1;
  }

  HugePageVector<std::uint16_t> last_seen_;  // number of the customer who was last seen with the item
  HugePageVector<std::uint32_t> repeats_;
  UnsetHugePageVector<std::uint32_t> repeated_;  // those that are not 0
  std::size_t size_ = 0;                         // how many of them
  FlatRecords<std::uint16_t> units_;             // that wait for close(), each with its customer
  std::vector<std::uint32_t> again_;             // of close(): items, and
  std::vector<std::uint16_t> of_;                // their customers
  std::uint16_t customer_ = 0;
};

}  // namespace nextbest::cpu
