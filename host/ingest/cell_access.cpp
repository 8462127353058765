#include "host/ingest/cell_access.hpp"

#include <arrow/array.h>
#include <arrow/compute/api.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>

#include "host/ingest/time_zone.hpp"

namespace nextbest {
namespace {

/// The form that a type is brought to, or nullptr where it is plain already.
std::shared_ptr<arrow::DataType> plain_type(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::DICTIONARY:
      return static_cast<const arrow::DictionaryType&>(type).value_type();
    case arrow::Type::RUN_END_ENCODED:
      return static_cast<const arrow::RunEndEncodedType&>(type).value_type();
    case arrow::Type::FIXED_SIZE_BINARY:
      return arrow::binary();
    case arrow::Type::HALF_FLOAT:
      return arrow::float32();
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL256:
      return arrow::decimal128(38, static_cast<const arrow::DecimalType&>(type).scale());
    default:
      return nullptr;
  }
}

}  // namespace

std::shared_ptr<arrow::Array> plain_form(const arrow::Array& array, const std::string& wanted) {
  auto plain = arrow::MakeArray(array.data());
  while (const auto type = plain_type(*plain->type())) {
    initialize_compute();
    const bool runs = plain->type_id() == arrow::Type::RUN_END_ENCODED;
    const auto result = runs ? arrow::compute::RunEndDecode(plain) : arrow::compute::Cast(plain, type);
    if (!result.ok()) throw WrongColumnType{array.type()->ToString(), wanted};
    plain = result->make_array();
  }
  return plain;
}

bool is_string_array(const arrow::Array& array) {
  return arrow::is_base_binary_like(array.type_id()) || arrow::is_binary_view_like(array.type_id());
}
bool is_integer_array(const arrow::Array& array) {
  return arrow::is_integer(array.type_id());
}
bool is_float_array(const arrow::Array& array) {
  return array.type_id() == arrow::Type::FLOAT || array.type_id() == arrow::Type::DOUBLE;
}

}  // namespace nextbest
