#include <algorithm>

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>

#include "host/export/arrow_batch.hpp"
#include "host/export/part_writer.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

constexpr std::int64_t kGroupRows = 1 << 20;
constexpr std::int64_t kGroupBytes = std::int64_t{256} << 20;

std::int64_t bytes_of(const arrow::RecordBatch& batch) {
  std::int64_t bytes = 0;
  for (const auto& column : batch.columns()) {
    for (const auto& buffer : column->data()->buffers) bytes += buffer == nullptr ? 0 : buffer->size();
    for (const auto& child : column->data()->child_data) {
      for (const auto& buffer : child->buffers) bytes += buffer == nullptr ? 0 : buffer->size();
    }
  }
  return bytes;
}

class ParquetPart : public PartWriter {
 public:
  explicit ParquetPart(std::filesystem::path path) : path_(std::move(path)), sink_(open_output(path_)) {}
  ~ParquetPart() override {
    if (writer_ == nullptr) return;
    try {
      writer_.reset();  // a file that was not closed is of no use; what it fails with is of no interest
    } catch (...) {
    }
  }

  void write(const Chunk& chunk, std::int64_t begin, std::int64_t end) override {
    const std::shared_ptr<arrow::RecordBatch> batch = to_record_batch(chunk, begin, end, false);
    guarded([&] {
      if (writer_ == nullptr) open(*batch->schema());
      const std::int64_t bytes = bytes_of(*batch);
      if (group_rows_ + batch->num_rows() > kGroupRows || group_bytes_ + bytes > kGroupBytes) {
        check_arrow(writer_->NewBufferedRowGroup(), path_);
        group_rows_ = group_bytes_ = 0;
      }
      check_arrow(writer_->WriteRecordBatch(*batch), path_);
      group_rows_ += batch->num_rows();
      group_bytes_ += bytes;
    });
  }

  std::int64_t bytes_at_most() const override {
    return *sink_->Tell() + group_bytes_ + group_bytes_ / 16 + (std::int64_t{1} << 20);
  }

  void close() override {
    guarded([&] {
      check_arrow(writer_->Close(), path_);
      writer_.reset();
      check_arrow(sink_->Close(), path_);
    });
  }

 private:
  void open(const arrow::Schema& schema) {
    const auto properties = parquet::WriterProperties::Builder()
                                .compression(parquet::Compression::ZSTD)
                                ->max_row_group_length(kGroupRows)
                                ->build();
    const auto arrow_properties =
        parquet::ArrowWriterProperties::Builder().store_schema()->set_use_threads(true)->build();
    auto opened =
        parquet::arrow::FileWriter::Open(schema, arrow::default_memory_pool(), sink_, properties, arrow_properties);
    check_arrow(opened.status(), path_);
    writer_ = std::move(*opened);
    check_arrow(writer_->NewBufferedRowGroup(), path_);
  }

  /// Some failures of the Parquet library arrive as exceptions of its own.
  template <class Action>
  void guarded(const Action& action) const {
    try {
      action();
    } catch (const parquet::ParquetStatusException& error) {
      check_arrow(error.status(), path_);
    } catch (const parquet::ParquetException& error) {
      throw OutputError("cannot write " + path_.string() + ": " + error.what());
    }
  }

  std::filesystem::path path_;
  std::shared_ptr<arrow::io::FileOutputStream> sink_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
  std::int64_t group_rows_ = 0, group_bytes_ = 0;
};

}  // namespace

std::unique_ptr<PartWriter> open_parquet_part(const std::filesystem::path& path) {
  return std::make_unique<ParquetPart>(path);
}

}  // namespace nextbest
