#include <algorithm>

#include <fmt/format.h>

#include "host/export/part_writer.hpp"
#include "host/export/table.hpp"
#include "host/job/files.hpp"
#include "host/store/atomic_file.hpp"
#include "kernels/core/expects.hpp"

namespace nextbest {
namespace fs = std::filesystem;
namespace {

/// The number of rows of one column.
struct Rows {
  std::int64_t operator()(const IdColumn& ids) const { return static_cast<std::int64_t>(ids.code.size()); }
  std::int64_t operator()(const TimeColumn& times) const { return static_cast<std::int64_t>(times.micros.size()); }
  std::int64_t operator()(const VectorColumn& vectors) const {
    return vectors.dim == 0 ? 0 : static_cast<std::int64_t>(vectors.values.size()) / vectors.dim;
  }
  std::int64_t operator()(const NameColumn& texts) const { return static_cast<std::int64_t>(texts.code.size()); }
  std::int64_t operator()(const HexColumn& hashes) const { return static_cast<std::int64_t>(hashes.values.size()); }
  template <class T>
  std::int64_t operator()(const std::vector<T>& values) const {
    return static_cast<std::int64_t>(values.size());
  }
};

struct Format {
  const char* extension;
  std::unique_ptr<PartWriter> (*open)(const fs::path&);
};

Format format_of(TableFormat format) {
  switch (format) {
    case TableFormat::kCsv:
      return {"csv", open_csv_part};
    case TableFormat::kJsonLines:
      return {"jsonl", open_json_part};
    case TableFormat::kParquet:
      break;
  }
  return {"parquet", open_parquet_part};
}

class PartedTable : public TableWriter {
 public:
  PartedTable(fs::path run_dir, std::string table, TableFormat format, std::int64_t largest_part)
      : run_dir_(std::move(run_dir)),
        table_(std::move(table)),
        format_(format_of(format)),
        largest_part_(largest_part) {
    make_directories(run_dir_ / table_);
    remove_old_parts();
  }

  void write(const Chunk& chunk) override {
    const std::int64_t rows = rows_of(chunk);
    std::int64_t begin = 0;
    do {
      const std::int64_t end = std::min(rows, begin + kSliceRows);
      if (part_ == nullptr) begin_part();
      const std::int64_t before = part_->bytes_at_most();
      part_->write(chunk, begin, end);
      files_.back().rows += end - begin;
      const std::int64_t after = part_->bytes_at_most();
      largest_slice_ = std::max(largest_slice_, after - before);
      if (after + 2 * largest_slice_ > largest_part_) end_part();
      begin = end;
    } while (begin < rows);
  }

  std::vector<WrittenFile> finish() override {
    if (part_ != nullptr) end_part();
    sync_directory(run_dir_ / table_);
    return std::move(files_);
  }

 private:
  /// An earlier, longer table must not leave parts behind.
  void remove_old_parts() const {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(run_dir_ / table_, error)) {
      if (entry.path().filename().string().starts_with("part-")) fs::remove(entry.path(), error);
      if (error) throw_output_error(entry.path(), error.value());
    }
  }

  void begin_part() {
    WrittenFile file;
    file.path = fmt::format("{}/part-{:05}.{}", table_, files_.size(), format_.extension);
    part_ = format_.open(run_dir_ / file.path);
    files_.push_back(std::move(file));
  }

  void end_part() {
    part_->close();
    part_.reset();
    WrittenFile& file = files_.back();
    const fs::path path = run_dir_ / file.path;
    sync_file(path);
    file.bytes = static_cast<std::int64_t>(fs::file_size(path));
    file.sha256 = sha256_of_file(path);
  }

  fs::path run_dir_;
  std::string table_;
  Format format_;
  std::unique_ptr<PartWriter> part_;
  std::vector<WrittenFile> files_;
  std::int64_t largest_part_, largest_slice_ = 0;
};

}  // namespace

std::int64_t rows_of(const Chunk& chunk) {
  expects(!chunk.empty(), "TableWriter", "a chunk has no columns");
  const std::int64_t rows = std::visit(Rows{}, chunk.front().values);
  for (const Column& column : chunk) {
    expects_equal(std::visit(Rows{}, column.values), rows, "TableWriter", column.name.c_str());
  }
  return rows;
}

std::unique_ptr<TableWriter> make_table_writer(const fs::path& run_dir, const std::string& table, TableFormat format,
                                               std::int64_t largest_part) {
  return std::make_unique<PartedTable>(run_dir, table, format, largest_part);
}

}  // namespace nextbest
