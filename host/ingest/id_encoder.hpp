#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "host/ingest/integer_map.hpp"
#include "host/store/dictionary.hpp"
#include "kernels/core/huge_pages.hpp"

namespace nextbest {

/// The ids of an encoder in ascending order.
struct IdOrder {
  IdType type = IdType::kString;
  std::vector<Offset> ascending;  ///< provisional codes
  HugePageVector<Offset> rank;    ///< [provisional code] place in `ascending`
};

/// Numbers ids as they come (provisional codes 0, 1, ...), whatever their type. A text that is an integer as a program
/// would write it (no plus sign, no leading zeros, fits 64 bits) is the same id as that integer, so that ids join by
/// their text form. Which type the ids have is known when all have been seen: see order().
class IdEncoder {
 public:
  Offset add_int64(std::int64_t id) {
    if (static_cast<std::uint64_t>(id) < small_.size() && small_[static_cast<std::size_t>(id)] >= 0)
      return small_[static_cast<std::size_t>(id)];
    return add_new_or_large(id);
  }
  /// The same for a whole column; faster where the dictionary is larger than the cache.
  void add_int64s(std::span<const std::int64_t> ids, Offset* codes);
  Offset add_uint64(std::uint64_t id);
  Offset add_text(std::string_view id);
  /// A text that is an integer as a program would write it; kNoCode for any other.
  Offset add_integer(std::string_view id);
  /// The column is a string column of a typed file: its ids stay strings even where all look like integers.
  void note_string_column() { string_column_ = true; }
  /// The column is uint64: its ids stay unsigned.
  void note_unsigned_column() { unsigned_column_ = true; }
  /// The column is an integer (or integral) column of a typed file: its type is kept whatever the catalogue's texts.
  void note_integer_column() { integer_column_ = true; }

  Offset size() const { return static_cast<Offset>(kind_.size()); }
  std::string text(Offset code) const;
  /// The code that this encoder gives to an id of another one; -1 when it is not here.
  Offset find(const IdEncoder& other, Offset code) const;
  /// Gives back the memory that only adding and finding need; neither may be called afterwards.
  void forget_lookup();

  /// Integers when every id is one, also those of `joined` (a catalogue's), unless the column's own type decides.
  IdOrder order(const IdEncoder* joined = nullptr) const;
  /// Dictionary of those ids of `order` that `used` (by rank) marks.
  Dictionary dictionary(const IdOrder& order, const std::vector<std::uint8_t>& used) const;

 private:
  enum class Kind : std::uint8_t { kInt64, kUint64, kString };
  struct TextHash {
    using is_avalanching = void;
    std::size_t operator()(std::string_view text) const;
  };
  Offset append(Kind kind, std::int64_t value);
  Offset add_new_or_large(std::int64_t id);
  void extend_small(std::size_t id);
  std::string_view string_of(Offset code) const { return strings_[static_cast<std::size_t>(value_[code])]; }
  std::vector<Offset> ascending_integers(bool as_unsigned) const;
  std::vector<Offset> ascending_texts() const;

  std::vector<Kind> kind_;
  std::vector<std::int64_t> value_;  ///< the integer, its bits, or a place in strings_
  std::deque<std::string> strings_;  ///< do not move: the map looks at them
  /// [id] code of small integers, -1: none. Grows with the number of ids, so that it is never much larger than a map.
  HugePageVector<std::int32_t> small_;
  IntegerMap signed_;                                          ///< the others
  boost::unordered_flat_map<std::uint64_t, Offset> unsigned_;  ///< above the int64 range only
  boost::unordered_flat_map<std::string_view, Offset, TextHash> text_;
  bool string_column_ = false, unsigned_column_ = false, integer_column_ = false;
  bool has_negative_ = false;
};

}  // namespace nextbest
