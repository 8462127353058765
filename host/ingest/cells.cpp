#include "host/ingest/cells.hpp"

#include <algorithm>
#include <cmath>

#include <arrow/array.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <arrow/util/decimal.h>
#include <arrow/util/utf8.h>
#include <fmt/format.h>

#include "host/ingest/cell_access.hpp"
#include "host/ingest/values.hpp"

namespace nextbest {
namespace {

constexpr const char* kNotUtf8 = "the text is not UTF-8; convert the file to UTF-8";

bool is_utf8(std::string_view text) {
  return arrow::util::ValidateUTF8(reinterpret_cast<const std::uint8_t*>(text.data()),
                                   static_cast<std::int64_t>(text.size()));
}

/// A name to show: each byte that is no UTF-8 becomes U+FFFD.
std::string shown_as_utf8(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string shown;
  while (!text.empty()) {
    std::size_t length = std::min<std::size_t>(4, text.size());
    while (length > 0 && !is_utf8(text.substr(0, length))) --length;
    shown += length == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(1, length));
  }
  return shown;
}

/// The integer that a decimal cell is, if it is one that 64 bits hold.
std::optional<std::int64_t> integral(const arrow::Decimal128Array& decimals, std::int64_t row) {
  const arrow::Decimal128 value(decimals.GetValue(row));
  const auto whole = value.Rescale(static_cast<const arrow::DecimalType&>(*decimals.type()).scale(), 0);
  if (!whole.ok()) return std::nullopt;
  const auto integer = whole->ToInteger<std::int64_t>();
  return integer.ok() ? std::optional(*integer) : std::nullopt;
}

class IdCells {
 public:
  IdCells(bool missing_allowed, IdEncoder& encoder, Offset* codes, const OnBadCell& bad)
      : missing_allowed_(missing_allowed), encoder_(encoder), codes_(codes), bad_(bad) {}

  void read(const arrow::Array& array, bool is_text) {
    if (is_string_array(array)) {
      if (!is_text) encoder_.note_string_column();
      read_strings(array, is_text);
    } else if (array.type_id() == arrow::Type::INT64 && array.null_count() == 0) {
      encoder_.note_integer_column();
      const auto& ids = static_cast<const arrow::Int64Array&>(array);
      encoder_.add_int64s({ids.raw_values(), static_cast<std::size_t>(ids.length())}, codes_);
      return;
    } else if (is_integer_array(array)) {
      encoder_.note_integer_column();
      if (array.type_id() == arrow::Type::UINT64) encoder_.note_unsigned_column();
      for_each_integer(array, [&](std::int64_t row, auto id) {
        if constexpr (std::is_same_v<decltype(id), std::uint64_t>)
          codes_[row] = encoder_.add_uint64(id);
        else
          codes_[row] = encoder_.add_int64(id);
      });
    } else if (is_float_array(array)) {
      encoder_.note_integer_column();
      for_each_float(array, [&](std::int64_t row, double id) { read_float(row, id); });
    } else if (array.type_id() == arrow::Type::DECIMAL128) {
      encoder_.note_integer_column();
      read_decimals(static_cast<const arrow::Decimal128Array&>(array));
    } else if (array.type_id() != arrow::Type::NA) {
      throw WrongColumnType{array.type()->ToString(), "ids: integers or text"};
    }
    for (std::int64_t row = 0; row < array.length(); ++row) {
      if (codes_[row] == kNoCode && !missing_allowed_) bad_(row, "", "the id is missing; every line needs one");
      if (codes_[row] == kBad) codes_[row] = kNoCode;
    }
  }

 private:
  static constexpr Offset kBad = -2;

  /// Integers are looked up in runs, for then their places in memory can be asked for ahead.
  void read_strings(const arrow::Array& array, bool is_text) {
    std::string_view last;
    std::optional<std::int64_t> number;  // that it is
    Offset last_code = kNoCode;          // where it is none
    std::vector<std::int64_t> run;       // the ids of the rows before this one
    const auto look_up = [&](std::int64_t row) {
      encoder_.add_int64s(run, codes_ + row - std::ssize(run));
      run.clear();
    };
    for_each_text(array, [&](std::int64_t row, std::string_view id) {
      const bool is_new = id != last;  // lines of one order are usually neighbours
      last = id;
      if (is_new) number = plain_integer(id);
      if (number) {
        run.push_back(*number);
        return;
      }
      look_up(row);
      if (id.empty() || (is_text && missing_allowed_ && is_missing_text(id))) return;
      if (is_new) {
        last_code = encoder_.add_integer(id);
        if (last_code == kNoCode) last_code = is_utf8(id) ? encoder_.add_text(id) : kBad;
      }
      codes_[row] = last_code;
      if (last_code == kBad) bad_(row, std::string(id), kNotUtf8);
    });
    look_up(array.length());
  }

  void read_float(std::int64_t row, double id) {
    if (id == std::floor(id) && std::abs(id) <= 9007199254740992.0) {  // 2^53: beyond it floats skip integers
      codes_[row] = encoder_.add_int64(static_cast<std::int64_t>(id));
      return;
    }
    codes_[row] = kBad;
    bad_(row, fmt::format("{}", id), "the id is a fraction or too large for a float; write ids as integers or text");
  }

  void read_decimals(const arrow::Decimal128Array& decimals) {
    for (std::int64_t row = 0; row < decimals.length(); ++row) {
      if (decimals.IsNull(row)) continue;
      const auto id = integral(decimals, row);
      codes_[row] = id ? encoder_.add_int64(*id) : kBad;
      if (!id) bad_(row, decimals.FormatValue(row), "the id is no 64-bit integer; write ids as integers or text");
    }
  }

  bool missing_allowed_;
  IdEncoder& encoder_;
  Offset* codes_;
  const OnBadCell& bad_;
};

}  // namespace

void read_ids(const Cells& cells, bool missing_allowed, IdEncoder& encoder, std::vector<Offset>& codes,
              const OnBadCell& bad) {
  const auto array = plain_form(cells.array, "ids: integers or text");
  codes.resize(codes.size() + static_cast<std::size_t>(array->length()), kNoCode);
  IdCells(missing_allowed, encoder, codes.data() + codes.size() - array->length(), bad).read(*array, cells.is_text);
}

void read_amounts(const Cells& cells, bool missing_allowed, std::vector<std::int64_t>& amounts, const OnBadCell& bad) {
  constexpr const char* kWanted = "numbers: integers, decimals, floats or text";
  constexpr const char* kNoNumber = "not a number within +-1e12; write digits with a point, such as 1234.5";
  constexpr const char* kMissing = "the number is missing; fill it in or do not map the column";
  const auto array = plain_form(cells.array, kWanted);
  amounts.resize(amounts.size() + static_cast<std::size_t>(array->length()), kNoValue);
  std::int64_t* out = amounts.data() + amounts.size() - array->length();
  std::vector<bool> told;  // [rows] where there is a bad one
  const auto tell = [&](std::int64_t row, const std::string& shown, const char* reason) {
    told.resize(static_cast<std::size_t>(array->length()));
    told[row] = true;
    bad(row, shown, reason);
  };
  const auto put = [&](std::int64_t row, std::optional<std::int64_t> amount, const auto& shown) {
    if (amount) {
      out[row] = *amount;
    } else {
      tell(row, shown(), kNoNumber);
    }
  };
  if (is_string_array(*array)) {
    for_each_text(*array, [&](std::int64_t row, std::string_view cell) {
      const std::string_view text = trimmed(cell);
      if (!is_missing_text(text)) {
        put(row, parse_amount(text), [&] { return std::string(cell); });
      } else if (!missing_allowed) {
        tell(row, std::string(cell), kMissing);
      }
    });
  } else if (is_integer_array(*array)) {
    for_each_integer(*array, [&](std::int64_t row, auto value) {
      const bool too_large = std::is_unsigned_v<decltype(value)> && value > decltype(value)(1e12);
      put(row, too_large ? std::nullopt : amount_of(static_cast<std::int64_t>(value)),
          [&] { return std::to_string(value); });
    });
  } else if (is_float_array(*array)) {
    for_each_float(*array, [&](std::int64_t row, double value) {
      put(row, amount_of(value), [&] { return fmt::format("{}", value); });
    });
  } else if (array->type_id() == arrow::Type::DECIMAL128) {
    const auto& decimals = static_cast<const arrow::Decimal128Array&>(*array);
    for (std::int64_t row = 0; row < decimals.length(); ++row) {
      if (decimals.IsNull(row)) continue;
      const std::string text = decimals.FormatValue(row);
      put(row, parse_amount(text), [&] { return text; });
    }
  } else if (array->type_id() != arrow::Type::NA) {
    throw WrongColumnType{array->type()->ToString(), kWanted};
  }
  if (missing_allowed) return;
  for (std::int64_t row = 0; row < array->length(); ++row) {
    if (out[row] == kNoValue && (told.empty() || !told[row])) bad(row, "", kMissing);
  }
}

void read_splits(const Cells& cells, std::vector<Split>& splits, const OnBadCell& bad) {
  const auto array = plain_form(cells.array, "text: train, validation or test");
  if (!is_string_array(*array)) throw WrongColumnType{array->type()->ToString(), "text: train, validation or test"};
  for_each_text(*array, [&](std::int64_t row, std::string_view cell) {
    std::string name(trimmed(cell));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    const bool validation = name == "validation" || name == "valid" || name == "val";
    splits.push_back(validation ? Split::kValidation : name == "test" ? Split::kTest : Split::kTrain);
    if (!validation && name != "test" && name != "train") {
      bad(row, std::string(cell), "not a part of the split; write train, validation or test");
    }
  });
}

void read_texts(const Cells& cells, std::vector<std::string>& texts) {
  const auto array = plain_form(cells.array, "text");
  if (is_string_array(*array)) {
    for_each_text(*array, [&](std::int64_t, std::string_view cell) {
      const std::string_view text = trimmed(cell);
      const bool missing = cells.is_text && (text == "NA" || text == "NULL" || text == "nan" || text == "NaN");
      texts.push_back(missing ? std::string() : shown_as_utf8(text));
    });
    return;
  }
  for (std::int64_t row = 0; row < array->length(); ++row) {
    const auto scalar = array->GetScalar(row);
    texts.push_back(array->IsNull(row) || !scalar.ok() ? std::string() : (*scalar)->ToString());
  }
}

}  // namespace nextbest
