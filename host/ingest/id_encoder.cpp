#include "host/ingest/id_encoder.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>

namespace nextbest {
namespace {

bool looks_like_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  const std::string_view digits = text.substr(negative ? 1 : 0);
  if (digits.empty() || digits.size() > 20) return false;
  if (digits[0] == '0') return digits.size() == 1 && !negative;
  return std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
}

template <typename T>
bool parse(std::string_view text, T& value) {
  return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
}

}  // namespace

Offset IdEncoder::append(Kind kind, std::int64_t value) {
  kind_.push_back(kind);
  value_.push_back(value);
  return size() - 1;
}

Offset IdEncoder::add_int64(std::int64_t id) {
  const auto [place, is_new] = signed_.try_emplace(id, size());
  if (is_new) {
    has_negative_ = has_negative_ || id < 0;
    append(Kind::kInt64, id);
  }
  return place->second;
}

Offset IdEncoder::add_uint64(std::uint64_t id) {
  if (id <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return add_int64(static_cast<std::int64_t>(id));
  }
  const auto [place, is_new] = unsigned_.try_emplace(id, size());
  if (is_new) append(Kind::kUint64, static_cast<std::int64_t>(id));
  return place->second;
}

Offset IdEncoder::add_text(std::string_view id) {
  if (looks_like_integer(id)) {
    std::int64_t value = 0;
    std::uint64_t large = 0;
    if (parse(id, value)) return add_int64(value);
    if (parse(id, large)) return add_uint64(large);
  }
  const auto found = text_.find(id);
  if (found != text_.end()) return found->second;
  const Offset code = append(Kind::kString, static_cast<std::int64_t>(strings_.size()));
  text_.emplace(strings_.emplace_back(id), code);
  return code;
}

std::string IdEncoder::text(Offset code) const {
  if (kind_[code] == Kind::kInt64) return std::to_string(value_[code]);
  if (kind_[code] == Kind::kUint64) return std::to_string(static_cast<std::uint64_t>(value_[code]));
  return std::string(string_of(code));
}

Offset IdEncoder::find(const IdEncoder& other, Offset code) const {
  const auto look_up = [](const auto& map, const auto& key) {
    const auto found = map.find(key);
    return found == map.end() ? Offset{-1} : found->second;
  };
  if (other.kind_[code] == Kind::kInt64) return look_up(signed_, other.value_[code]);
  if (other.kind_[code] == Kind::kUint64) return look_up(unsigned_, static_cast<std::uint64_t>(other.value_[code]));
  return look_up(text_, other.string_of(code));
}

IdOrder IdEncoder::order(const IdEncoder* joined) const {
  bool integers = !string_column_ && strings_.empty();
  if (!integer_column_ && joined != nullptr && !joined->strings_.empty()) integers = false;
  const bool wide = unsigned_column_ || !unsigned_.empty();
  if (has_negative_ && !unsigned_.empty()) integers = false;  // no 64-bit type holds both

  IdOrder order;
  order.ascending.resize(kind_.size());
  std::iota(order.ascending.begin(), order.ascending.end(), Offset{0});
  if (integers) {
    order.type = wide && !has_negative_ ? IdType::kUint64 : IdType::kInt64;
    const bool as_unsigned = order.type == IdType::kUint64;
    std::sort(order.ascending.begin(), order.ascending.end(), [&](Offset a, Offset b) {
      return as_unsigned ? static_cast<std::uint64_t>(value_[a]) < static_cast<std::uint64_t>(value_[b])
                         : value_[a] < value_[b];
    });
  } else {
    std::vector<std::string> numbers(kind_.size());
    for (Offset code = 0; code < size(); ++code) {
      if (kind_[code] != Kind::kString) numbers[code] = text(code);
    }
    const auto view = [&](Offset code) {
      return kind_[code] == Kind::kString ? string_of(code) : std::string_view(numbers[code]);
    };
    std::sort(order.ascending.begin(), order.ascending.end(), [&](Offset a, Offset b) { return view(a) < view(b); });
  }
  order.rank.resize(kind_.size());
  for (Offset rank = 0; rank < size(); ++rank) order.rank[order.ascending[rank]] = rank;
  return order;
}

Dictionary IdEncoder::dictionary(const IdOrder& order, const std::vector<bool>& used) const {
  std::vector<std::int64_t> integers;
  std::vector<std::uint64_t> naturals;
  std::vector<std::string> texts;
  for (Offset rank = 0; rank < size(); ++rank) {
    if (!used[rank]) continue;
    const Offset code = order.ascending[rank];
    if (order.type == IdType::kInt64) integers.push_back(value_[code]);
    if (order.type == IdType::kUint64) naturals.push_back(static_cast<std::uint64_t>(value_[code]));
    if (order.type == IdType::kString) texts.push_back(text(code));
  }
  if (order.type == IdType::kInt64) return Dictionary::of_int64(std::move(integers));
  if (order.type == IdType::kUint64) return Dictionary::of_uint64(std::move(naturals));
  return Dictionary::of_strings(texts);
}

}  // namespace nextbest
