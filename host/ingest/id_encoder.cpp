#include "host/ingest/id_encoder.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>

#include <xxhash.h>

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

/// The first eight bytes as a number that compares as they do; shorter texts are filled with zeros, which makes those
/// equal that differ in zeros at their end only.
std::uint64_t leading_bytes(std::string_view text) {
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < sizeof key; ++i)
    key = key << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  return key;
}

struct KeyedCode {
  std::uint64_t key;
  Offset code;
};

/// Radix sort, stable; digits in which all keys are the same take no pass.
void sort_by_key(std::vector<KeyedCode>& keyed) {
  // Orders are usually numbered as they come.
  const auto is_less = [](const KeyedCode& a, const KeyedCode& b) { return a.key < b.key; };
  if (std::is_sorted(keyed.begin(), keyed.end(), is_less)) return;
  constexpr int kDigitBits = 11;
  constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;
  std::uint64_t all = ~std::uint64_t{0}, any = 0;
  for (const KeyedCode& one : keyed) all &= one.key, any |= one.key;
  std::vector<KeyedCode> sorted(keyed.size());
  for (int shift = 0; shift < 64; shift += kDigitBits) {
    const auto digit = [shift](std::uint64_t key) { return (key >> shift) & (kDigits - 1); };
    if (digit(all ^ any) == 0) continue;
    std::vector<std::size_t> place(kDigits + 1);
    for (const KeyedCode& one : keyed) ++place[digit(one.key) + 1];
    std::partial_sum(place.begin(), place.end(), place.begin());
    for (const KeyedCode& one : keyed) sorted[place[digit(one.key)]++] = one;
    keyed.swap(sorted);
  }
}

}  // namespace

std::size_t IdEncoder::TextHash::operator()(std::string_view text) const {
  return XXH3_64bits(text.data(), text.size());
}

Offset IdEncoder::append(Kind kind, std::int64_t value) {
  kind_.push_back(kind);
  value_.push_back(value);
  return size() - 1;
}

void IdEncoder::add_int64s(std::span<const std::int64_t> ids, Offset* codes) {
  constexpr std::size_t kAhead = 16;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i + kAhead < ids.size()) {
      const std::int64_t ahead = ids[i + kAhead];
      if (static_cast<std::uint64_t>(ahead) < small_.size()) {
        __builtin_prefetch(&small_[static_cast<std::size_t>(ahead)]);
      } else {
        signed_.prefetch(ahead);
      }
    }
    // Lines of one order are usually neighbours.
    codes[i] = i > 0 && ids[i] == ids[i - 1] ? codes[i - 1] : add_int64(ids[i]);
  }
}

Offset IdEncoder::add_new_or_large(std::int64_t id) {
  if (const Offset code = signed_.find(id); code >= 0) return code;
  const Offset code = append(Kind::kInt64, id);
  has_negative_ = has_negative_ || id < 0;
  // At most sixteen places per id, as a map would take: dense numbers need no hashing.
  const auto most = static_cast<std::uint64_t>(16 * (size() + 4096));
  if (static_cast<std::uint64_t>(id) < most && size() < std::numeric_limits<std::int32_t>::max()) {
    if (static_cast<std::uint64_t>(id) >= small_.size()) extend_small(static_cast<std::size_t>(id));
    small_[static_cast<std::size_t>(id)] = static_cast<std::int32_t>(code);
  } else {
    signed_.add(id, code);
  }
  return code;
}

void IdEncoder::extend_small(std::size_t id) {
  const std::size_t before = small_.size();
  small_.resize(std::max(id + 1, std::min(2 * before, 16 * kind_.size())), -1);
  if (signed_.empty()) return;
  for (std::size_t code = 0; code < kind_.size(); ++code) {
    const auto value = static_cast<std::uint64_t>(value_[code]);
    if (kind_[code] == Kind::kInt64 && value >= before && value < small_.size()) {
      small_[value] = static_cast<std::int32_t>(code);
    }
  }
}

Offset IdEncoder::add_uint64(std::uint64_t id) {
  if (id <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return add_int64(static_cast<std::int64_t>(id));
  }
  const auto [place, is_new] = unsigned_.try_emplace(id, size());
  if (is_new) append(Kind::kUint64, static_cast<std::int64_t>(id));
  return place->second;
}

Offset IdEncoder::add_integer(std::string_view id) {
  if (!looks_like_integer(id)) return kNoCode;
  std::int64_t value = 0;
  std::uint64_t large = 0;
  if (parse(id, value)) return add_int64(value);
  return parse(id, large) ? add_uint64(large) : kNoCode;
}

Offset IdEncoder::add_text(std::string_view id) {
  if (const Offset code = add_integer(id); code != kNoCode) return code;
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
  if (other.kind_[code] == Kind::kString) return look_up(text_, other.string_of(code));
  const std::int64_t value = other.value_[code];
  if (other.kind_[code] == Kind::kUint64) return look_up(unsigned_, static_cast<std::uint64_t>(value));
  const bool is_small = static_cast<std::uint64_t>(value) < small_.size();
  return is_small && small_[value] >= 0 ? small_[value] : signed_.find(value);
}

void IdEncoder::forget_lookup() {
  small_ = {};
  signed_ = {};
  unsigned_ = {};
  text_ = {};
}

std::vector<Offset> IdEncoder::ascending_integers(bool as_unsigned) const {
  const std::uint64_t sign = as_unsigned ? 0 : std::uint64_t{1} << 63;
  std::vector<KeyedCode> keyed(kind_.size());
  for (std::size_t code = 0; code < keyed.size(); ++code)
    keyed[code] = {static_cast<std::uint64_t>(value_[code]) ^ sign, static_cast<Offset>(code)};
  sort_by_key(keyed);
  std::vector<Offset> ascending(keyed.size());
  for (std::size_t i = 0; i < keyed.size(); ++i) ascending[i] = keyed[i].code;
  return ascending;
}

/// Sorted by the eight bytes that follow what all have in common; only where those are equal, texts are compared.
std::vector<Offset> IdEncoder::ascending_texts() const {
  std::vector<std::string> numbers(strings_.size() == kind_.size() ? 0 : kind_.size());
  for (Offset code = 0; code < size(); ++code) {
    if (kind_[code] != Kind::kString) numbers[code] = text(code);
  }
  const auto view = [&](Offset code) {
    return kind_[code] == Kind::kString ? string_of(code) : std::string_view(numbers[code]);
  };
  std::size_t common = size() > 0 ? view(0).size() : 0;
  for (Offset code = 1; code < size(); ++code) {
    const std::string_view first = view(0).substr(0, common), other = view(code);
    common = static_cast<std::size_t>(std::mismatch(first.begin(), first.end(), other.begin(), other.end()).first -
                                      first.begin());
  }
  std::vector<KeyedCode> keyed(kind_.size());
  for (Offset code = 0; code < size(); ++code) keyed[code] = {leading_bytes(view(code).substr(common)), code};
  sort_by_key(keyed);
  for (std::size_t begin = 0, end = 0; begin < keyed.size(); begin = end) {
    while (end < keyed.size() && keyed[end].key == keyed[begin].key) ++end;
    std::sort(keyed.begin() + static_cast<std::ptrdiff_t>(begin), keyed.begin() + static_cast<std::ptrdiff_t>(end),
              [&](const KeyedCode& a, const KeyedCode& b) { return view(a.code) < view(b.code); });
  }
  std::vector<Offset> ascending(keyed.size());
  for (std::size_t i = 0; i < keyed.size(); ++i) ascending[i] = keyed[i].code;
  return ascending;
}

IdOrder IdEncoder::order(const IdEncoder* joined) const {
  bool integers = !string_column_ && strings_.empty();
  if (!integer_column_ && joined != nullptr && !joined->strings_.empty()) integers = false;
  const bool wide = unsigned_column_ || !unsigned_.empty();
  if (has_negative_ && !unsigned_.empty()) integers = false;  // no 64-bit type holds both

  IdOrder order;
  if (integers) order.type = wide && !has_negative_ ? IdType::kUint64 : IdType::kInt64;
  order.ascending = integers ? ascending_integers(order.type == IdType::kUint64) : ascending_texts();
  order.rank.resize(kind_.size());
  for (Offset rank = 0; rank < size(); ++rank) order.rank[order.ascending[rank]] = rank;
  return order;
}

Dictionary IdEncoder::dictionary(const IdOrder& order, const std::vector<std::uint8_t>& used) const {
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
