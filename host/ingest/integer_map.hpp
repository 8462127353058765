#pragma once

#include <bit>
#include <cstdint>

#include "kernels/core/huge_pages.hpp"
#include "kernels/core/types.hpp"

namespace nextbest {

/// From integers to codes, by open addressing. Unlike the maps of libraries it can be told ahead of time which id will
/// be asked for: without that, every id of a large dictionary waits for memory.
class IntegerMap {
 public:
  void prefetch(std::int64_t id) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[place(id)]);
  }
  /// -1: not there.
  Offset find(std::int64_t id) const {
    if (slots_.empty()) return -1;
    std::size_t at = place(id);
    while (slots_[at].code >= 0 && slots_[at].id != id) at = (at + 1) & (slots_.size() - 1);
    return slots_[at].code;
  }
  /// The id must not be there yet.
  void add(std::int64_t id, Offset code) {
    if (3 * size_ >= 2 * slots_.size()) grow();
    put({id, code});
    ++size_;
  }
  bool empty() const { return size_ == 0; }

 private:
  struct Slot {
    std::int64_t id = 0;
    Offset code = -1;
  };
  /// Multiplicative hashing (Knuth): the upper bits are the place, so that growing keeps the order of the slots.
  std::size_t place(std::int64_t id) const { return (static_cast<std::uint64_t>(id) * 0x9e3779b97f4a7c15U) >> shift_; }
  void put(const Slot& slot) {
    std::size_t at = place(slot.id);
    while (slots_[at].code >= 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
  }
  void grow() {
    HugePageVector<Slot> before(slots_.empty() ? 1024 : 2 * slots_.size());
    before.swap(slots_);
    shift_ = 64 - std::countr_zero(slots_.size());
    for (const Slot& slot : before) {
      if (slot.code >= 0) put(slot);
    }
  }

  HugePageVector<Slot> slots_;
  std::size_t size_ = 0;
  int shift_ = 64;
};

}  // namespace nextbest
