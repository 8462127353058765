#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <arrow/array.h>

#include "host/ingest/cells.hpp"

namespace nextbest {

/// The array in one of few forms: dictionaries and runs become plain values, every decimal becomes decimal128, half
/// floats become floats. @throws WrongColumnType
std::shared_ptr<arrow::Array> plain_form(const arrow::Array& array, const std::string& wanted);

bool is_string_array(const arrow::Array& array);
bool is_integer_array(const arrow::Array& array);
bool is_float_array(const arrow::Array& array);

/// Calls fn(row, text) for every row of a string or binary array, fn(row, {nullptr, 0}) for a null.
template <typename Fn>
void for_each_text(const arrow::Array& array, const Fn& fn) {
  const bool has_nulls = array.null_count() > 0;
  const auto visit = [&](const auto& texts) {
    for (std::int64_t row = 0; row < texts.length(); ++row) {
      fn(row, has_nulls && texts.IsNull(row) ? std::string_view() : std::string_view(texts.GetView(row)));
    }
  };
  if (array.type_id() == arrow::Type::LARGE_STRING || array.type_id() == arrow::Type::LARGE_BINARY) {
    visit(static_cast<const arrow::LargeBinaryArray&>(array));
  } else if (array.type_id() == arrow::Type::STRING_VIEW || array.type_id() == arrow::Type::BINARY_VIEW) {
    visit(static_cast<const arrow::BinaryViewArray&>(array));
  } else {
    visit(static_cast<const arrow::BinaryArray&>(array));
  }
}

/// Calls fn(row, value) for every row that is not null of an integer array, `value` widened to int64 or uint64.
template <typename Fn>
void for_each_integer(const arrow::Array& array, const Fn& fn) {
  const bool has_nulls = array.null_count() > 0;
  const auto visit = [&]<typename Array, typename Wide>(const Array& values, Wide) {
    const auto* raw = values.raw_values();
    for (std::int64_t row = 0; row < values.length(); ++row) {
      if (!has_nulls || values.IsValid(row)) fn(row, static_cast<Wide>(raw[row]));
    }
  };
  switch (array.type_id()) {
    case arrow::Type::INT8:
      return visit(static_cast<const arrow::Int8Array&>(array), std::int64_t{});
    case arrow::Type::INT16:
      return visit(static_cast<const arrow::Int16Array&>(array), std::int64_t{});
    case arrow::Type::INT32:
      return visit(static_cast<const arrow::Int32Array&>(array), std::int64_t{});
    case arrow::Type::INT64:
      return visit(static_cast<const arrow::Int64Array&>(array), std::int64_t{});
    case arrow::Type::UINT8:
      return visit(static_cast<const arrow::UInt8Array&>(array), std::int64_t{});
    case arrow::Type::UINT16:
      return visit(static_cast<const arrow::UInt16Array&>(array), std::int64_t{});
    case arrow::Type::UINT32:
      return visit(static_cast<const arrow::UInt32Array&>(array), std::int64_t{});
    default:
      return visit(static_cast<const arrow::UInt64Array&>(array), std::uint64_t{});
  }
}

/// Calls fn(row, value) for every row of a float or double array that is neither null nor NaN.
template <typename Fn>
void for_each_float(const arrow::Array& array, const Fn& fn) {
  const bool has_nulls = array.null_count() > 0;
  const auto visit = [&](const auto& values) {
    const auto* raw = values.raw_values();
    for (std::int64_t row = 0; row < values.length(); ++row) {
      if (has_nulls && values.IsNull(row)) continue;
      const double value = static_cast<double>(raw[row]);
      if (value == value) fn(row, value);
    }
  };
  if (array.type_id() == arrow::Type::FLOAT) {
    visit(static_cast<const arrow::FloatArray&>(array));
  } else {
    visit(static_cast<const arrow::DoubleArray&>(array));
  }
}

}  // namespace nextbest
