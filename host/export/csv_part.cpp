#include <arrow/api.h>
#include <arrow/compute/initialize.h>
#include <arrow/csv/writer.h>
#include <arrow/io/file.h>
#include <arrow/ipc/writer.h>

#include "host/export/arrow_batch.hpp"
#include "host/export/part_writer.hpp"

namespace nextbest {
namespace {

class CsvPart : public PartWriter {
 public:
  explicit CsvPart(std::filesystem::path path) : path_(std::move(path)), sink_(open_output(path_)) {}

  void write(const Chunk& chunk, std::int64_t begin, std::int64_t end) override {
    const std::shared_ptr<arrow::RecordBatch> batch = to_record_batch(chunk, begin, end, true);
    if (writer_ == nullptr) {
      check_arrow(arrow::compute::Initialize(), path_);  // numbers become text by Arrow's casts
      auto made = arrow::csv::MakeCSVWriter(sink_, batch->schema(), arrow::csv::WriteOptions::Defaults());
      check_arrow(made.status(), path_);
      writer_ = *made;
    }
    check_arrow(writer_->WriteRecordBatch(*batch), path_);
  }

  std::int64_t bytes_at_most() const override { return *sink_->Tell(); }

  void close() override {
    check_arrow(writer_->Close(), path_);
    check_arrow(sink_->Close(), path_);
  }

 private:
  std::filesystem::path path_;
  std::shared_ptr<arrow::io::FileOutputStream> sink_;
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
};

}  // namespace

std::unique_ptr<PartWriter> open_csv_part(const std::filesystem::path& path) {
  return std::make_unique<CsvPart>(path);
}

}  // namespace nextbest
