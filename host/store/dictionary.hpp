#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/core/types.hpp"

namespace nextbest {

enum class IdType { kInt64, kUint64, kString };

/// The ids of one kind (items, customers, orders) in ascending order: integers by value, strings bytewise. The place
/// of an id is its code. Ids keep the type and value that the user gave them.
class Dictionary {
 public:
  Dictionary() = default;
  /// Ascending, distinct ids. @throws InvalidArgument when they are not
  static Dictionary of_int64(std::vector<std::int64_t> ids);
  static Dictionary of_uint64(std::vector<std::uint64_t> ids);
  static Dictionary of_strings(const std::vector<std::string>& ids);

  IdType type() const { return type_; }
  Offset size() const { return size_; }
  std::int64_t int64_at(Offset code) const { return integers_[code]; }
  std::uint64_t uint64_at(Offset code) const { return static_cast<std::uint64_t>(integers_[code]); }
  std::string_view string_at(Offset code) const {
    return std::string_view(bytes_).substr(offset_[code], offset_[code + 1] - offset_[code]);
  }
  /// The id as text, for messages and text formats.
  std::string text(Offset code) const;
  /// The code of an id given as text; empty when it is not there.
  std::optional<Offset> find(std::string_view text) const;
  bool operator==(const Dictionary&) const = default;

 private:
  IdType type_ = IdType::kString;
  Offset size_ = 0;
  std::vector<std::int64_t> integers_;  ///< int64 as they are; uint64 by their bits
  std::string bytes_;
  std::vector<Offset> offset_{0};
};

}  // namespace nextbest
