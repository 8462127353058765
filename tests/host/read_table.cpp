#include "tests/host/read_table.hpp"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>

namespace nextbest::testing_support {

ReadTable read_parquet(const std::filesystem::path& path) {
  const auto file = arrow::io::ReadableFile::Open(path.string()).ValueOrDie();
  const auto reader = parquet::arrow::OpenFile(file, arrow::default_memory_pool()).ValueOrDie();
  const std::shared_ptr<arrow::Table> table = reader->ReadTable().ValueOrDie();
  ReadTable result;
  for (const auto& field : table->schema()->fields()) result.names.push_back(field->ToString());
  result.rows.resize(static_cast<std::size_t>(table->num_rows()));
  for (const auto& column : table->columns()) {
    for (std::int64_t row = 0; row < table->num_rows(); ++row) {
      result.rows[row].push_back(column->GetScalar(row).ValueOrDie()->ToString());
    }
  }
  return result;
}

std::vector<std::int64_t> row_groups_of(const std::filesystem::path& path) {
  const auto reader = parquet::ParquetFileReader::OpenFile(path.string());
  std::vector<std::int64_t> rows;
  for (int group = 0; group < reader->metadata()->num_row_groups(); ++group) {
    rows.push_back(reader->metadata()->RowGroup(group)->num_rows());
  }
  return rows;
}

}  // namespace nextbest::testing_support
