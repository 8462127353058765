#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include "kernels/core/types.hpp"

namespace nextbest {

/// A moment as a text or a number gives it.
struct ParsedTime {
  Micros time = 0;
  bool has_zone = false;  ///< an offset, a Z, or an epoch number: the time is UTC; else a wall-clock time
};

/// ISO 8601: `YYYY-MM-DD`, `YYYYMMDD`, `YYYY-MM-DD[ T]hh[:mm[:ss[.fraction]]]` with an optional `Z`, ` UTC` or
/// `±hh[:mm]`; slashes for dashes; or a number as in epoch_time.
std::optional<ParsedTime> parse_time(std::string_view text);

/// A number as a moment: eight digits that are a date are `YYYYMMDD`; else seconds since 1970 below 1e11, milliseconds
/// below 1e14, microseconds below 1e17, nanoseconds above.
std::optional<ParsedTime> epoch_time(double number);
std::optional<ParsedTime> epoch_time(std::int64_t number);

/// A decimal number in units of 1/10,000, rounded to the nearest, halves away from zero; exact where the text has at
/// most four decimals. Empty when it is no number or leaves the range of +-1e12, within which sums of products of two
/// amounts stay exact in 128 bits.
std::optional<std::int64_t> parse_amount(std::string_view text);
inline constexpr double kLargestAmount = 1e16;  ///< in 1/10,000
inline std::optional<std::int64_t> amount_of(double number) {
  const double units = number * 1e4;
  if (!(std::abs(units) <= kLargestAmount)) return std::nullopt;
  const auto whole = static_cast<std::int64_t>(units);
  const double rest = units - static_cast<double>(whole);  // exact
  return whole + (rest >= 0.5 ? 1 : 0) - (rest <= -0.5 ? 1 : 0);
}
inline std::optional<std::int64_t> amount_of(std::int64_t number) {
  if (std::abs(static_cast<double>(number)) > kLargestAmount / 1e4) return std::nullopt;
  return number * 10'000;
}

/// The number that 1 to 18 digits without a leading zero spell out, as most ids are written; empty for any other text.
inline std::optional<std::int64_t> plain_integer(std::string_view text) {
  if (text.empty() || text.size() > 18 || text[0] == '0') return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = 10 * value + (c - '0');
  }
  return value;
}

/// Without blanks, tabs and line ends at both ends.
std::string_view trimmed(std::string_view text);

/// What programs write into text files for "nothing": the empty text, NA, NaN, NULL, None, \N and the like.
bool is_missing_text(std::string_view text);

}  // namespace nextbest
