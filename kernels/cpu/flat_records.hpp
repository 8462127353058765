#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace nextbest::cpu {

/// Items by which one may read past the end of a record.
inline constexpr std::size_t kRecordPadding = 16;

/// Records one behind the other, each item with a number of its record. What is done to the items one by one is done
/// here: a loop per record would end at a place that no branch prediction knows, which costs more than its few items.
/// So whole blocks are copied, what is too much is overwritten by the next record, and only records longer than a block
/// branch.
template <class Number>
class FlatRecords {
 public:
  explicit FlatRecords(std::int64_t largest_record)
      : items_(largest_record + kLeast + kRecordPadding), numbers_(items_.size(), Number(0)) {}

  bool has_room_for(std::size_t record) const { return size_ + record + kRecordPadding <= items_.size(); }
  /// kRecordPadding more items can be read behind the last one.
  void append(std::span<const std::uint32_t> record, Number number) {
    append_block(record, 0, number);
    for (std::size_t i = kRecordPadding; i < record.size(); i += kRecordPadding) append_block(record, i, number);
    size_ += record.size();
  }
  void clear() { size_ = 0; }
  std::size_t capacity() const { return items_.size(); }

  std::span<const std::uint32_t> items() const { return {items_.data(), size_}; }
  const Number* numbers() const { return numbers_.data(); }

 private:
  static constexpr std::int64_t kLeast = 2'048;

  void append_block(std::span<const std::uint32_t> record, std::size_t i, Number number) {
    std::memcpy(items_.data() + size_ + i, record.data() + i, kRecordPadding * sizeof(std::uint32_t));
    std::fill_n(numbers_.data() + size_ + i, kRecordPadding, number);
  }

  std::vector<std::uint32_t> items_;
  std::vector<Number> numbers_;
  std::size_t size_ = 0;
};

}  // namespace nextbest::cpu
