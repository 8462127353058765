#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>

#include <arrow/buffer.h>
#include <arrow/csv/invalid_row.h>
#include <arrow/csv/options.h>
#include <arrow/csv/reader.h>
#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include "host/ingest/tables.hpp"
#include "host/ingest/text_records.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

/// Passes a stream on and counts its quotes: Arrow takes a quote that is never closed for closed by the end of the
/// file, and an odd number of them is what gives it away.
class QuoteCounter : public arrow::io::InputStream {
 public:
  explicit QuoteCounter(std::shared_ptr<arrow::io::InputStream> stream) : stream_(std::move(stream)) {}
  bool is_odd() const { return quotes_.load() % 2 != 0; }
  arrow::Status Close() override { return stream_->Close(); }
  bool closed() const override { return stream_->closed(); }
  arrow::Result<int64_t> Tell() const override { return stream_->Tell(); }
  arrow::Result<int64_t> Read(int64_t bytes, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const int64_t read, stream_->Read(bytes, out));
    count(static_cast<const char*>(out), read);
    return read;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t bytes) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, stream_->Read(bytes));
    count(reinterpret_cast<const char*>(buffer->data()), buffer->size());
    return buffer;
  }

 private:
  void count(const char* bytes, int64_t size) { quotes_ += std::count(bytes, bytes + size, '"'); }
  std::shared_ptr<arrow::io::InputStream> stream_;
  std::atomic<std::int64_t> quotes_{0};
};

/// CSV and TSV through Arrow's streaming reader, every cell as bytes. Arrow counts records; lines are counted again,
/// by TextRecords, for the few rows that a message or an example names.
class TextTable : public TableReader {
 public:
  TextTable(const std::string& path, char delimiter, BadRows& bad) : path_(path), delimiter_(delimiter), bad_(bad) {
    TextRecords records(path, delimiter, true);
    if (!records.next(header_)) throw DataError(path + ": the file has no header line; write the names of the columns");
    for (const std::string& name : header_.cells) columns_.push_back({name, "text"});
    TextRecord first;
    has_rows_ = records.next(first);
    std::error_code ignored;
    file_bytes_ = static_cast<double>(std::filesystem::file_size(path, ignored));
  }

  const std::vector<TableColumn>& columns() const override { return columns_; }
  bool is_text() const override { return true; }
  double fraction() const override { return rows_ == 0 || at_end_ ? (at_end_ ? 1.0 : 0.0) : read_bytes_ / file_bytes_; }

  void select(const std::vector<std::string>& names) override {
    if (!has_rows_) return;
    auto read = arrow::csv::ReadOptions::Defaults();
    read.use_threads = false;  // otherwise broken rows have no number
    read.block_size = 4 << 20;
    auto parse = arrow::csv::ParseOptions::Defaults();
    parse.delimiter = delimiter_;
    parse.newlines_in_values = true;
    parse.invalid_row_handler = [this](const arrow::csv::InvalidRow& row) { return note_broken(row); };
    auto convert = arrow::csv::ConvertOptions::Defaults();
    convert.include_columns = names;
    convert.check_utf8 = false;
    for (const std::string& name : names) convert.column_types[name] = arrow::binary();
    quotes_ = std::make_shared<QuoteCounter>(open_text(path_));
    auto reader = arrow::csv::StreamingReader::Make(arrow::io::default_io_context(), quotes_, read, parse, convert);
    report_broken();
    if (!reader.ok()) fail(reader.status());
    reader_ = std::move(reader).ValueUnsafe();
  }

  std::shared_ptr<arrow::RecordBatch> next() override {
    std::shared_ptr<arrow::RecordBatch> batch;
    if (reader_ != nullptr) {
      const arrow::Status status = reader_->ReadNext(&batch);
      report_broken();
      if (!status.ok()) fail(status);
      read_bytes_ = std::min(file_bytes_, static_cast<double>(reader_->bytes_read()));
    }
    at_end_ = batch == nullptr;
    if (at_end_ && quotes_ != nullptr && quotes_->is_odd()) throw_if_broken();
    if (!at_end_) rows_ += batch->num_rows();
    return batch;
  }

  std::string place(std::int64_t row) override {
    std::int64_t record = row;
    for (const std::int64_t broken : broken_records_) record += broken <= record ? 1 : 0;
    return place_of_record(record);
  }

 private:
  struct Broken {
    std::int64_t record;  ///< from 0, header not counted
    std::int64_t fields;
    std::string text;
  };

  arrow::csv::InvalidRowResult note_broken(const arrow::csv::InvalidRow& row) {
    constexpr std::size_t kMostPending = 100'000;
    const std::lock_guard lock(mutex_);
    pending_.push_back({row.number - 2, row.actual_columns, std::string(row.text)});
    return pending_.size() < kMostPending ? arrow::csv::InvalidRowResult::Skip : arrow::csv::InvalidRowResult::Error;
  }

  /// @throws DataError no more bad rows are allowed
  void report_broken() {
    std::vector<Broken> pending;
    {
      const std::lock_guard lock(mutex_);
      pending.swap(pending_);
    }
    for (const Broken& broken : pending) {
      broken_records_.push_back(broken.record);
      const std::string place = place_of_record(broken.record);
      broken_lines_.push_back(found_.line);
      bad_.add({path_, place, "", broken.text, field_count_reason(broken.fields)});
    }
  }

  std::string field_count_reason(std::int64_t fields) const {
    return fmt::format("the line has {} field{}, the header has {}; check its quotes and delimiters", fields,
                       fields == 1 ? "" : "s", header_.fields);
  }

  std::string place_of_record(std::int64_t record) {
    if (records_ == nullptr || record < next_record_) {
      records_ = std::make_unique<TextRecords>(path_, delimiter_);
      next_record_ = 0;
      records_->next(found_);  // the header
    }
    while (next_record_ <= record && records_->next(found_)) ++next_record_;
    return fmt::format("line {}", found_.line);
  }

  [[noreturn]] void fail(const arrow::Status& status) {
    throw_if_broken();
    throw DataError(fmt::format("{}: the file cannot be read ({}); write or copy it again", path_, status.message()));
  }

  /// Looks for the line that Arrow could not read: one with an open quote, else one with a wrong number of fields.
  void throw_if_broken() {
    TextRecords records(path_, delimiter_);
    TextRecord record;
    while (records.next(record)) {
      if (record.open_quote) {
        throw DataError(fmt::format("{}: line {}: a quote is opened here and never closed; close it or double it",
                                    path_, record.line));
      }
      const bool is_known = std::find(broken_lines_.begin(), broken_lines_.end(), record.line) != broken_lines_.end();
      if (record.fields != header_.fields && !is_known) {
        throw DataError(fmt::format("{}: line {}: {}", path_, record.line, field_count_reason(record.fields)));
      }
    }
  }

  std::string path_;
  char delimiter_;
  BadRows& bad_;
  TextRecord header_;
  std::vector<TableColumn> columns_;
  bool has_rows_ = false, at_end_ = false;
  std::int64_t rows_ = 0;
  double file_bytes_ = 1, read_bytes_ = 0;
  std::mutex mutex_;
  std::vector<Broken> pending_;
  std::vector<std::int64_t> broken_records_;  ///< ascending
  std::vector<std::int64_t> broken_lines_;    ///< where they begin
  std::unique_ptr<TextRecords> records_;      ///< stands before record next_record_
  std::int64_t next_record_ = 0;
  TextRecord found_;
  std::shared_ptr<QuoteCounter> quotes_;
  std::shared_ptr<arrow::csv::StreamingReader> reader_;  ///< last: it calls note_broken
};

}  // namespace

std::unique_ptr<TableReader> open_text_table(const std::string& path, char delimiter, BadRows& bad) {
  return std::make_unique<TextTable>(path, delimiter, bad);
}

}  // namespace nextbest
