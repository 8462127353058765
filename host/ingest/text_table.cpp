#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <utility>

#include <arrow/buffer.h>
#include <arrow/csv/invalid_row.h>
#include <arrow/csv/options.h>
#include <arrow/csv/reader.h>
#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include "host/ingest/plain_cells.hpp"
#include "host/ingest/tables.hpp"
#include "host/ingest/text_blocks.hpp"
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

/// CSV and TSV, every cell as bytes. Plain lines are cut by PlainCells; from the first quote on, Arrow's streaming
/// reader takes over. Both count records; lines are counted again, by TextRecords, for the few rows that a message or
/// an example names.
class TextTable : public TableReader {
 public:
  TextTable(const std::string& path, char delimiter) : path_(path), delimiter_(delimiter) {
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
    names_ = names;
    if (!has_rows_) return;
    std::vector<std::size_t> places;
    arrow::FieldVector fields;
    for (const std::string& name : names) {
      const auto place = std::find(header_.cells.begin(), header_.cells.end(), name);
      places.push_back(static_cast<std::size_t>(place - header_.cells.begin()));
      fields.push_back(arrow::field(name, arrow::binary_view()));
    }
    schema_ = arrow::schema(std::move(fields));
    blocks_ = std::make_unique<TextBlocks>(open_text(path_));
    cells_ = std::make_unique<PlainCells>(delimiter_, header_.fields, std::move(places));
  }

  std::shared_ptr<arrow::RecordBatch> next() override {
    std::shared_ptr<arrow::RecordBatch> batch;
    if (reader_ == nullptr) batch = next_plain();
    if (batch == nullptr && reader_ != nullptr) batch = next_quoted();
    at_end_ = batch == nullptr;
    if (at_end_ && quotes_ != nullptr && quotes_->is_odd()) throw_if_broken();
    if (!at_end_) rows_ += batch->num_rows();
    return batch;
  }

  std::vector<BadRow> take_broken() override { return std::exchange(broken_, {}); }

  std::string place(std::int64_t row) override {
    std::int64_t record = row;
    for (const std::int64_t broken : broken_records_) record += broken <= record ? 1 : 0;
    return place_of_record(record);
  }

 private:
  std::shared_ptr<arrow::RecordBatch> next_plain() {
    while (blocks_ != nullptr) {
      std::shared_ptr<arrow::Buffer> block;
      try {
        block = blocks_->next();
      } catch (const arrow::Status& status) {
        fail(status);
      }
      if (block == nullptr) {
        if (blocks_->rest() != nullptr) open_quoted();
        blocks_.reset();
        return nullptr;
      }
      auto columns = cells_->cut(block);
      read_bytes_ = std::min(file_bytes_, static_cast<double>(blocks_->bytes()));
      pending_ = cells_->broken();
      report_broken();
      if (cells_->rows() > 0) return arrow::RecordBatch::Make(schema_, cells_->rows(), std::move(columns));
    }
    return nullptr;
  }

  /// Arrow reads what is no longer plain: all of the file, or what follows the plain lines and has no header.
  void open_quoted() {
    auto read = arrow::csv::ReadOptions::Defaults();
    read.use_threads = false;  // otherwise broken rows have no number
    read.block_size = 4 << 20;
    if (cells_->has_header()) read.column_names = header_.cells;
    auto parse = arrow::csv::ParseOptions::Defaults();
    parse.delimiter = delimiter_;
    parse.newlines_in_values = true;
    plain_bytes_ = static_cast<double>(blocks_->bytes());
    const std::int64_t first = cells_->records() - (cells_->has_header() ? 1 : 2);
    parse.invalid_row_handler = [this, first](const arrow::csv::InvalidRow& row) { return note_broken(row, first); };
    auto convert = arrow::csv::ConvertOptions::Defaults();
    convert.include_columns = names_;
    convert.check_utf8 = false;
    for (const std::string& name : names_) convert.column_types[name] = arrow::binary();
    quotes_ = std::make_shared<QuoteCounter>(blocks_->rest());
    auto reader = arrow::csv::StreamingReader::Make(arrow::io::default_io_context(), quotes_, read, parse, convert);
    report_broken();
    if (!reader.ok()) fail(reader.status());
    reader_ = std::move(reader).ValueUnsafe();
  }

  std::shared_ptr<arrow::RecordBatch> next_quoted() {
    std::shared_ptr<arrow::RecordBatch> batch;
    const arrow::Status status = reader_->ReadNext(&batch);
    report_broken();
    if (!status.ok()) fail(status);
    read_bytes_ = std::min(file_bytes_, plain_bytes_ + static_cast<double>(reader_->bytes_read()));
    return batch;
  }

  arrow::csv::InvalidRowResult note_broken(const arrow::csv::InvalidRow& row, std::int64_t first) {
    constexpr std::size_t kMostPending = 100'000;
    const std::lock_guard lock(mutex_);
    pending_.push_back({row.number + first, row.actual_columns, std::string(row.text)});
    return pending_.size() < kMostPending ? arrow::csv::InvalidRowResult::Skip : arrow::csv::InvalidRowResult::Error;
  }

  void report_broken() {
    std::vector<BrokenRecord> pending;
    {
      const std::lock_guard lock(mutex_);
      pending.swap(pending_);
    }
    for (const BrokenRecord& broken : pending) {
      broken_records_.push_back(broken.record);
      const std::string place = place_of_record(broken.record);
      broken_lines_.push_back(found_.line);
      broken_.push_back({path_, place, "", broken.text, field_count_reason(broken.fields)});
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
  TextRecord header_;
  std::vector<TableColumn> columns_;
  bool has_rows_ = false, at_end_ = false;
  std::int64_t rows_ = 0;
  double file_bytes_ = 1, read_bytes_ = 0, plain_bytes_ = 0;
  std::mutex mutex_;
  std::vector<BrokenRecord> pending_;
  std::vector<BadRow> broken_;                ///< nobody took them yet
  std::vector<std::int64_t> broken_records_;  ///< ascending
  std::vector<std::int64_t> broken_lines_;    ///< where they begin
  std::unique_ptr<TextRecords> records_;      ///< stands before record next_record_
  std::int64_t next_record_ = 0;
  TextRecord found_;
  std::vector<std::string> names_;  ///< selected
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<TextBlocks> blocks_;  ///< nullptr: there are no plain lines any more
  std::unique_ptr<PlainCells> cells_;
  std::shared_ptr<QuoteCounter> quotes_;
  std::shared_ptr<arrow::csv::StreamingReader> reader_;  ///< last: it calls note_broken
};

}  // namespace

std::unique_ptr<TableReader> open_text_table(const std::string& path, char delimiter) {
  return std::make_unique<TextTable>(path, delimiter);
}

}  // namespace nextbest
