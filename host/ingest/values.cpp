#include "host/ingest/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <arrow/util/decimal.h>
#include <arrow/util/value_parsing.h>

namespace nextbest {
namespace {

std::optional<ParsedTime> compact_date(std::int64_t number) {
  if (number < 1900'01'01 || number > 2199'12'31) return std::nullopt;
  const auto digits = std::to_string(number);
  const std::string iso = digits.substr(0, 4) + "-" + digits.substr(4, 2) + "-" + digits.substr(6, 2);
  std::int64_t micros = 0;
  if (!arrow::internal::ParseTimestampISO8601(iso.data(), iso.size(), arrow::TimeUnit::MICRO, &micros)) {
    return std::nullopt;
  }
  return ParsedTime{micros, false};
}

std::optional<ParsedTime> parse_iso(std::string_view text) {
  std::int64_t value = 0;
  bool has_zone = false;
  if (arrow::internal::ParseTimestampISO8601(text.data(), text.size(), arrow::TimeUnit::MICRO, &value, &has_zone)) {
    return ParsedTime{value, has_zone};
  }
  if (arrow::internal::ParseTimestampISO8601(text.data(), text.size(), arrow::TimeUnit::NANO, &value, &has_zone)) {
    return ParsedTime{value / 1000 - (value % 1000 < 0 ? 1 : 0), has_zone};
  }
  return std::nullopt;
}

/// Digits with at most four decimals, as most amounts are written: no need of a decimal's 128 bits. Empty when the text
/// is anything else.
std::optional<std::int64_t> simple_amount(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 16) return std::nullopt;
  std::int64_t units = 0;
  std::size_t digits = 0, decimals = 0;
  bool has_point = false;
  for (const char c : text) {
    if (c == '.' && !has_point) {
      has_point = true;
    } else if (c >= '0' && c <= '9') {
      units = units * 10 + (c - '0');
      ++digits;
      decimals += has_point;
    } else {
      return std::nullopt;
    }
  }
  if (digits == 0 || decimals > 4 || digits - decimals > 12) return std::nullopt;
  for (; decimals < 4; ++decimals) units *= 10;
  return negative ? -units : units;
}

}  // namespace

std::optional<ParsedTime> epoch_time(std::int64_t number) {
  if (const auto date = compact_date(number)) return date;
  const double magnitude = std::abs(static_cast<double>(number));
  if (magnitude < 1e11) return ParsedTime{number * 1'000'000, true};
  if (magnitude < 1e14) return ParsedTime{number * 1'000, true};
  if (magnitude < 1e17) return ParsedTime{number, true};
  return ParsedTime{number / 1000 - (number % 1000 < 0 ? 1 : 0), true};
}

std::optional<ParsedTime> epoch_time(double number) {
  if (!(std::abs(number) < 9e18)) return std::nullopt;
  if (number == std::floor(number)) return epoch_time(static_cast<std::int64_t>(number));
  const double magnitude = std::abs(number);
  const double scale = magnitude < 1e11 ? 1e6 : magnitude < 1e14 ? 1e3 : magnitude < 1e17 ? 1.0 : 1e-3;
  return ParsedTime{std::llround(number * scale), true};
}

std::optional<ParsedTime> parse_time(std::string_view text) {
  if (const auto iso = parse_iso(text)) return iso;
  if (text.ends_with(" UTC")) {
    const auto iso = parse_iso(text.substr(0, text.size() - 4));
    return iso && !iso->has_zone ? std::optional(ParsedTime{iso->time, true}) : std::nullopt;
  }
  if (text.size() >= 10 && text[4] == '/' && text[7] == '/') {
    std::string dashed(text);
    dashed[4] = dashed[7] = '-';
    return parse_iso(dashed);
  }
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  if (const auto [stop, error] = std::from_chars(text.data(), end, number); error == std::errc() && stop == end) {
    return epoch_time(number);
  }
  double real = 0;
  if (const auto [stop, error] = std::from_chars(text.data(), end, real, std::chars_format::fixed);
      error == std::errc() && stop == end) {
    return epoch_time(real);
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_amount(std::string_view text) {
  if (const auto amount = simple_amount(text)) return amount;
  std::int64_t whole = 0;
  const char* end = text.data() + text.size();
  if (const auto [stop, error] = std::from_chars(text.data(), end, whole); error == std::errc() && stop == end) {
    return amount_of(whole);
  }
  arrow::Decimal128 value;
  std::int32_t precision = 0, scale = 0;
  if (!arrow::Decimal128::FromString(text, &value, &precision, &scale).ok()) {
    double real = 0;  // more digits than a decimal holds
    const auto [stop, error] = std::from_chars(text.data(), end, real);
    return error == std::errc() && stop == end ? amount_of(real) : std::nullopt;
  }
  if (scale > 4) {
    value = arrow::Decimal128(value.ReduceScaleBy(scale - 4, /*round=*/true));
  } else {
    const auto scaled = value.Rescale(scale, 4);
    if (!scaled.ok()) return std::nullopt;
    value = *scaled;
  }
  const auto units = value.ToInteger<std::int64_t>();
  if (!units.ok() || std::abs(static_cast<double>(*units)) > kLargestAmount) return std::nullopt;
  return *units;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool is_missing_text(std::string_view text) {
  constexpr std::array<std::string_view, 13> kMissing = {"",     "NA",   "N/A",  "n/a",  "NaN", "nan", "-nan",
                                                         "NULL", "null", "None", "<NA>", "\\N", "#N/A"};
  if (!text.empty() && text[0] >= '0' && text[0] <= '9') return false;  // most cells
  return std::find(kMissing.begin(), kMissing.end(), text) != kMissing.end();
}

}  // namespace nextbest
