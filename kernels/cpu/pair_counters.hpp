#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/core/types.hpp"
#include "kernels/math/fixed_point.hpp"

namespace nextbest::cpu {

/// What one row of the pair matrix holds for one other item.
struct PairCount {
  std::int64_t count = 0;
  std::int64_t weight = 0;
  std::int64_t customers = 0;
};

/// One counter per item and the list of the items touched, so that a row costs what it touches. Two kinds with one
/// interface: start_unit() and add() while the units of a row go by, then touched() and take(), which also clears.
/// Counters of one row are 32 bits wide: a row has fewer than 2^31 units, because units are numbered by codes.
class PlainCounters {
 public:
  explicit PlainCounters(Offset items) : count_(items, 0), touched_(items + 1) {}

  void start_unit(std::int64_t, Code) {}
  void add(Code b) {
    touched_[touched_size_] = b;  // kept only when it is b's first time; cheaper than a branch
    touched_size_ += count_[b] == 0;
    ++count_[b];
  }
  std::span<const Code> touched() const { return {touched_.data(), touched_size_}; }
  PairCount take(Code b) {
    const std::int64_t count = count_[b];
    count_[b] = 0;
    return {count, count << kWeightBits, 0};
  }
  void next_row() { touched_size_ = 0; }

 private:
  std::vector<std::uint32_t> count_;
  std::vector<Code> touched_;
  std::size_t touched_size_ = 0;
};

/// Counts weights and distinct customers too. The units of a customer are neighbours, so a customer is new to a pair
/// when it is not the last one that the pair saw.
class FullCounters {
 public:
  explicit FullCounters(Offset items) : counter_(items), touched_(items + 1) {}

  void start_unit(std::int64_t weight, Code customer) {
    weight_ = weight;
    customer_ = customer;
  }
  void add(Code b) {
    Counter& counter = counter_[b];
    touched_[touched_size_] = b;
    touched_size_ += counter.count == 0;
    ++counter.count;
    counter.weight += weight_;
    counter.customers += customer_ != counter.last_customer && customer_ != kNoCode;
    counter.last_customer = customer_;
  }
  std::span<const Code> touched() const { return {touched_.data(), touched_size_}; }
  PairCount take(Code b) {
    const Counter counter = counter_[b];
    counter_[b] = Counter{};
    return {counter.count, counter.weight, counter.customers};
  }
  void next_row() { touched_size_ = 0; }

 private:
  struct Counter {
    std::int64_t weight = 0;
    std::uint32_t count = 0;
    std::uint32_t customers = 0;
    Code last_customer = kNoCode;
  };
  std::vector<Counter> counter_;
  std::vector<Code> touched_;
  std::size_t touched_size_ = 0;
  std::int64_t weight_ = kWeightOne;
  Code customer_ = kNoCode;
};

}  // namespace nextbest::cpu
