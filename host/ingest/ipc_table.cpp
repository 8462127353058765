#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include "host/ingest/tables.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

/// Arrow IPC: the file format ("ARROW1", also called Feather 2) and the stream format.
class IpcTable : public TableReader {
 public:
  explicit IpcTable(const std::string& path) : path_(path) {
    open({});
    for (const auto& field : schema_->fields()) columns_.push_back({field->name(), field->type()->ToString()});
  }

  const std::vector<TableColumn>& columns() const override { return columns_; }
  bool is_text() const override { return false; }
  std::string place(std::int64_t row) override { return fmt::format("row {}", row + 1); }
  double fraction() const override {
    return file_ == nullptr ? 0.0 : static_cast<double>(batch_) / std::max(1, file_->num_record_batches());
  }

  void select(const std::vector<std::string>& names) override {
    std::vector<int> fields;
    for (const std::string& name : names) fields.push_back(schema_->GetFieldIndex(name));
    open(fields);
  }

  std::shared_ptr<arrow::RecordBatch> next() override {
    std::shared_ptr<arrow::RecordBatch> batch;
    if (stream_ != nullptr) {
      check(stream_->ReadNext(&batch));
    } else if (batch_ < file_->num_record_batches()) {
      auto read = file_->ReadRecordBatch(batch_++);
      check(read.status());
      batch = std::move(read).ValueUnsafe();
    }
    if (batch != nullptr) check(batch->ValidateFull());
    return batch;
  }

 private:
  void open(const std::vector<int>& fields) {
    auto options = arrow::ipc::IpcReadOptions::Defaults();
    options.included_fields = fields;
    auto input = arrow::io::ReadableFile::Open(path_);
    check(input.status());
    auto file = arrow::ipc::RecordBatchFileReader::Open(*input, options);
    if (file.ok()) {
      file_ = std::move(file).ValueUnsafe();
      schema_ = schema_ == nullptr ? file_->schema() : schema_;
      return;
    }
    check((*input)->Seek(0));
    auto stream = arrow::ipc::RecordBatchStreamReader::Open(*input, options);
    if (!stream.ok()) check(file.status());  // the file format is the usual one: its message helps more
    stream_ = std::move(stream).ValueUnsafe();
    schema_ = schema_ == nullptr ? stream_->schema() : schema_;
  }

  void check(const arrow::Status& status) const {
    if (status.ok()) return;
    throw DataError(
        fmt::format("{}: the Arrow file is damaged or cut off ({}); write or copy it again", path_, status.message()));
  }

  std::string path_;
  std::shared_ptr<arrow::ipc::RecordBatchFileReader> file_;
  std::shared_ptr<arrow::ipc::RecordBatchStreamReader> stream_;
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<TableColumn> columns_;
  int batch_ = 0;
};

}  // namespace

std::unique_ptr<TableReader> open_ipc_table(const std::string& path) {
  return std::make_unique<IpcTable>(path);
}

}  // namespace nextbest
