#include "host/export/rewrite_table.hpp"

#include <algorithm>
#include <deque>

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>

#include "host/export/tables/rows.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

namespace fs = std::filesystem;

/// Dictionaries of the columns of one chunk; a chunk points into them.
using Dictionaries = std::deque<Dictionary>;

/// Values with nulls as codes into a dictionary of their own.
template <class Value, class Array, class Make>
IdColumn id_column(const Array& array, Dictionaries& dictionaries, const Make& make) {
  std::vector<Value> distinct;
  for (std::int64_t row = 0; row < array.length(); ++row)
    if (array.IsValid(row)) distinct.emplace_back(array.GetView(row));
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  IdColumn column{nullptr, {}};
  for (std::int64_t row = 0; row < array.length(); ++row) {
    const auto found = array.IsValid(row)
                           ? std::lower_bound(distinct.begin(), distinct.end(), Value(array.GetView(row)))
                           : distinct.end();
    column.code.push_back(found == distinct.end() ? kNoCode : static_cast<Code>(found - distinct.begin()));
  }
  dictionaries.push_back(make(distinct));
  column.dictionary = &dictionaries.back();
  return column;
}

template <class Value, class Array>
std::vector<Value> numbers(const arrow::Array& array) {
  const Value* values = static_cast<const Array&>(array).raw_values();
  return {values, values + array.length()};
}

/// Signed integers and times, whose smallest value stands for null.
template <class Array>
std::vector<std::int64_t> nullable(const arrow::Array& array) {
  std::vector<std::int64_t> values = numbers<std::int64_t, Array>(array);
  for (std::int64_t row = 0; row < array.length(); ++row)
    if (array.IsNull(row)) values[row] = kNoTime;
  return values;
}

VectorColumn vectors(const arrow::Array& array) {
  const auto& list = static_cast<const arrow::FixedSizeListArray&>(array);
  const std::int64_t dim = list.value_length();
  const float* values = static_cast<const arrow::FloatArray&>(*list.values()).raw_values() + list.offset() * dim;
  return {dim, {values, values + list.length() * dim}};
}

Column to_column(const std::string& name, const arrow::Array& array, Dictionaries& dictionaries) {
  switch (array.type_id()) {
    case arrow::Type::INT32:
      return {name, numbers<std::int32_t, arrow::Int32Array>(array)};
    case arrow::Type::INT64:
      return {name, nullable<arrow::Int64Array>(array)};
    case arrow::Type::UINT64:
      return {name, id_column<std::uint64_t>(static_cast<const arrow::UInt64Array&>(array), dictionaries,
                                             [](const auto& ids) { return Dictionary::of_uint64(ids); })};
    case arrow::Type::FLOAT:
      return {name, numbers<float, arrow::FloatArray>(array)};
    case arrow::Type::DOUBLE:
      return {name, numbers<double, arrow::DoubleArray>(array)};
    case arrow::Type::STRING:
      return {name, id_column<std::string>(static_cast<const arrow::StringArray&>(array), dictionaries,
                                           [](const auto& ids) { return Dictionary::of_strings(ids); })};
    case arrow::Type::TIMESTAMP:
      return {name, TimeColumn{nullable<arrow::TimestampArray>(array)}};
    case arrow::Type::FIXED_SIZE_LIST:
      return {name, vectors(array)};
    default:
      throw InvalidArgument("rewrite_table: column " + name + " has the type " + array.type()->ToString());
  }
}

/// The text of one id; integers that were read as plain numbers have no dictionary.
std::string text_at(const Column& column, std::size_t row) {
  if (const auto* ids = std::get_if<IdColumn>(&column.values)) return ids->dictionary->text(ids->code[row]);
  return std::to_string(std::get<std::vector<std::int64_t>>(column.values)[row]);
}

Column* find_column(Chunk& chunk, const std::string& name) {
  for (Column& column : chunk)
    if (column.name == name) return &column;
  return nullptr;
}

/// Replaces what carries the run's id.
void restamp(Chunk& chunk, const std::string& run_id, std::size_t rows) {
  if (Column* column = find_column(chunk, "run_id")) column->values = repeated(rows, run_id);
  Column* rec_id = find_column(chunk, "rec_id");
  const Column* customer = find_column(chunk, "customer_id");
  const Column* surface = find_column(chunk, "surface");
  const Column* item = find_column(chunk, "item_id");
  if (!rec_id || !customer || !item) return;
  std::vector<std::string> ids(rows);
  for (std::size_t row = 0; row < rows; ++row)
    ids[row] = rec_id_of(run_id, text_at(*customer, row), surface ? text_at(*surface, row) : "", text_at(*item, row));
  rec_id->values = std::move(ids);
}

std::unique_ptr<parquet::arrow::FileReader> open_part(const fs::path& path) {
  auto file = arrow::io::ReadableFile::Open(path.string());
  if (!file.ok()) throw DamagedFile(path.string() + ": " + file.status().message());
  try {
    auto reader = parquet::arrow::OpenFile(*file, arrow::default_memory_pool());
    if (reader.ok()) return std::move(*reader);
    throw DamagedFile(path.string() + ": " + reader.status().message());
  } catch (const parquet::ParquetException& error) {
    throw DamagedFile(path.string() + ": " + error.what());
  }
}

void rewrite_part(const fs::path& path, const std::string& run_id, TableWriter& writer) {
  const std::unique_ptr<parquet::arrow::FileReader> reader = open_part(path);
  auto batches = reader->GetRecordBatchReader();
  if (!batches.ok()) throw DamagedFile(path.string() + ": " + batches.status().message());
  for (;;) {
    std::shared_ptr<arrow::RecordBatch> batch;
    const arrow::Status status = (*batches)->ReadNext(&batch);
    if (!status.ok()) throw DamagedFile(path.string() + ": " + status.message());
    if (!batch) return;
    Dictionaries dictionaries;
    Chunk chunk;
    for (int c = 0; c < batch->num_columns(); ++c)
      chunk.push_back(to_column(batch->column_name(c), *batch->column(c), dictionaries));
    if (!run_id.empty()) restamp(chunk, run_id, static_cast<std::size_t>(batch->num_rows()));
    writer.write(chunk);
  }
}

}  // namespace

std::vector<WrittenFile> rewrite_table(const fs::path& parts, const TableTarget& target, const std::string& run_id) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(parts))
    if (entry.path().extension() == ".parquet") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  const std::unique_ptr<TableWriter> writer = make_table_writer(target.run_dir, target.table, target.format);
  for (const fs::path& file : files) rewrite_part(file, run_id, *writer);
  return writer->finish();
}

}  // namespace nextbest
