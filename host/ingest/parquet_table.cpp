#include <algorithm>
#include <optional>
#include <utility>

#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/thread_pool.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>
#include <parquet/statistics.h>

#include "host/ingest/tables.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

[[noreturn]] void damaged(const std::string& path, const std::string& why) {
  throw DataError(fmt::format("{}: the Parquet file is damaged or cut off ({}); write or copy it again", path, why));
}

/// Only the selected columns are decoded, a batch at a time.
class ParquetTable : public TableReader {
 public:
  explicit ParquetTable(const std::string& path) : path_(path) {
    guarded([&] {
      parquet::ReaderProperties properties;
      properties.enable_buffered_stream();  // or a whole column chunk would be held
      properties.set_buffer_size(1 << 18);
      parquet::ArrowReaderProperties arrow_properties;
      arrow_properties.set_batch_size(1 << 16);
      arrow_properties.set_pre_buffer(false);
      // One core decodes while another one is busy with what was decoded before.
      arrow_properties.set_use_threads(arrow::GetCpuThreadPoolCapacity() > 2);
      parquet::arrow::FileReaderBuilder builder;
      check(builder.OpenFile(path, /*memory_map=*/false, properties));
      builder.properties(arrow_properties);
      check(builder.Build(&reader_));
      check(reader_->GetSchema(&schema_));
      rows_ = reader_->parquet_reader()->metadata()->num_rows();
    });
    for (const auto& field : schema_->fields()) columns_.push_back({field->name(), field->type()->ToString()});
  }

  const std::vector<TableColumn>& columns() const override { return columns_; }
  bool is_text() const override { return false; }
  std::string place(std::int64_t row) override { return fmt::format("row {}", row + 1); }
  double fraction() const override {
    return rows_ == 0 ? 1.0 : static_cast<double>(done_) / static_cast<double>(rows_);
  }

  std::int64_t rows_in_footer() const override { return rows_; }
  std::optional<std::pair<std::int64_t, std::int64_t>> range_in_footer(const std::string& column) const override;

  void select(const std::vector<std::string>& names) override {
    std::vector<int> leaves, groups;
    for (const std::string& name : names) {
      const int field = schema_->GetFieldIndex(name);
      if (schema_->field(field)->type()->num_fields() > 0) {
        throw DataError(fmt::format("{}: column \"{}\" is nested ({}); only plain columns can be read", path_, name,
                                    schema_->field(field)->type()->ToString()));
      }
      leaves.push_back(reader_->manifest().schema_fields[static_cast<std::size_t>(field)].column_index);
    }
    for (int g = 0; g < reader_->num_row_groups(); ++g) groups.push_back(g);
    guarded([&] {
      auto batches = reader_->GetRecordBatchReader(groups, leaves);
      check(batches.status());
      batches_ = std::move(batches).ValueUnsafe();
    });
  }

  std::shared_ptr<arrow::RecordBatch> next() override {
    std::shared_ptr<arrow::RecordBatch> batch;
    guarded([&] { check(batches_->ReadNext(&batch)); });
    if (batch != nullptr) done_ += batch->num_rows();
    return batch;
  }

 private:
  void check(const arrow::Status& status) const {
    if (!status.ok()) damaged(path_, status.message());
  }
  template <typename Body>
  void guarded(const Body& body) const {
    try {
      body();
    } catch (const parquet::ParquetException& failure) {
      damaged(path_, failure.what());
    }
  }

  std::string path_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;
  std::vector<TableColumn> columns_;
  std::int64_t rows_ = 0, done_ = 0;
};

/// Smallest and largest value of a column chunk; empty where its statistics do not tell.
std::optional<std::pair<std::int64_t, std::int64_t>> range_of(const parquet::ColumnChunkMetaData& chunk) {
  const auto statistics = chunk.statistics();
  if (statistics == nullptr || !statistics->HasMinMax()) return std::nullopt;
  if (statistics->physical_type() == parquet::Type::INT64) {
    const auto& typed = static_cast<const parquet::Int64Statistics&>(*statistics);
    return std::pair{typed.min(), typed.max()};
  }
  if (statistics->physical_type() == parquet::Type::INT32) {
    const auto& typed = static_cast<const parquet::Int32Statistics&>(*statistics);
    return std::pair<std::int64_t, std::int64_t>{typed.min(), typed.max()};
  }
  return std::nullopt;
}

std::optional<std::pair<std::int64_t, std::int64_t>> ParquetTable::range_in_footer(const std::string& column) const {
  const int field = schema_->GetFieldIndex(column);
  if (field < 0 || schema_->field(field)->type()->num_fields() > 0) return std::nullopt;
  const auto metadata = reader_->parquet_reader()->metadata();
  const int leaf = reader_->manifest().schema_fields[static_cast<std::size_t>(field)].column_index;
  std::optional<std::pair<std::int64_t, std::int64_t>> all;
  for (int g = 0; g < metadata->num_row_groups(); ++g) {
    const auto range = range_of(*metadata->RowGroup(g)->ColumnChunk(leaf));
    if (!range) return std::nullopt;
    all = all ? std::pair{std::min(all->first, range->first), std::max(all->second, range->second)} : *range;
  }
  return all;
}

}  // namespace

std::unique_ptr<TableReader> open_parquet_table(const std::string& path) {
  return std::make_unique<ParquetTable>(path);
}

}  // namespace nextbest
