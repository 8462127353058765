#include "host/store/dictionary.hpp"

#include <algorithm>
#include <charconv>

#include "kernels/core/expects.hpp"

namespace nextbest {
namespace {

/// The integer that `text` spells out, when it is one in the form that Dictionary::text writes.
template <class Integer>
std::optional<Integer> parse(std::string_view text) {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The place of `wanted` among the ascending values that `at` returns for the codes [0, size).
template <class Value, class At>
std::optional<Offset> search(Offset size, const Value& wanted, const At& at) {
  Offset low = 0, high = size;
  while (low < high) {
    const Offset middle = low + (high - low) / 2;
    if (at(middle) < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == size || at(low) != wanted) return std::nullopt;
  return low;
}

template <class Ids>
void expect_ascending(const Ids& ids) {
  const bool ascending = std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>{}) == ids.end();
  expects(ascending, "Dictionary", "ids must be ascending and distinct");
}

}  // namespace

Dictionary Dictionary::of_int64(std::vector<std::int64_t> ids) {
  expect_ascending(ids);
  Dictionary result;
  result.type_ = IdType::kInt64;
  result.size_ = static_cast<Offset>(ids.size());
  result.integers_ = std::move(ids);
  return result;
}

Dictionary Dictionary::of_uint64(std::vector<std::uint64_t> ids) {
  expect_ascending(ids);
  Dictionary result;
  result.type_ = IdType::kUint64;
  result.size_ = static_cast<Offset>(ids.size());
  result.integers_.assign(ids.begin(), ids.end());
  return result;
}

Dictionary Dictionary::of_strings(const std::vector<std::string>& ids) {
  expect_ascending(ids);
  Dictionary result;
  result.size_ = static_cast<Offset>(ids.size());
  std::size_t bytes = 0;
  for (const std::string& id : ids) bytes += id.size();
  result.bytes_.reserve(bytes);
  result.offset_.reserve(ids.size() + 1);
  for (const std::string& id : ids) {
    result.bytes_ += id;
    result.offset_.push_back(static_cast<Offset>(result.bytes_.size()));
  }
  return result;
}

std::string Dictionary::text(Offset code) const {
  switch (type_) {
    case IdType::kInt64:
      return std::to_string(int64_at(code));
    case IdType::kUint64:
      return std::to_string(uint64_at(code));
    case IdType::kString:
      break;
  }
  return std::string(string_at(code));
}

std::optional<Offset> Dictionary::find(std::string_view text) const {
  switch (type_) {
    case IdType::kInt64: {
      const auto id = parse<std::int64_t>(text);
      return id ? search(size_, *id, [this](Offset c) { return int64_at(c); }) : std::nullopt;
    }
    case IdType::kUint64: {
      const auto id = parse<std::uint64_t>(text);
      return id ? search(size_, *id, [this](Offset c) { return uint64_at(c); }) : std::nullopt;
    }
    case IdType::kString:
      break;
  }
  return search(size_, text, [this](Offset c) { return string_at(c); });
}

}  // namespace nextbest
