#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "host/export/table.hpp"

namespace nextbest {

/// One file of a table, open for writing. All functions @throw OutputError naming the file and the cause.
class PartWriter {
 public:
  virtual ~PartWriter() = default;
  /// Rows [begin, end) of a chunk; at most kSliceRows of them.
  virtual void write(const Chunk& chunk, std::int64_t begin, std::int64_t end) = 0;
  /// How large the file may become when it is closed now.
  virtual std::int64_t bytes_at_most() const = 0;
  /// Completes the file; the writer is then spent.
  virtual void close() = 0;
};

inline constexpr std::int64_t kSliceRows = 1 << 16;

/// zstd, row groups of 2^20 rows (fewer where the rows are so wide that a group would pass 256 MiB).
std::unique_ptr<PartWriter> open_parquet_part(const std::filesystem::path& path);
/// With a header; text is quoted, null is an empty field; a vector is spread over columns `<name>_0`, `<name>_1`, ...
std::unique_ptr<PartWriter> open_csv_part(const std::filesystem::path& path);
/// One object per row; null is `null`, times are ISO 8601 in UTC, numbers that are not finite are null.
std::unique_ptr<PartWriter> open_json_part(const std::filesystem::path& path);

/// The number of rows of a chunk. @throws ShapeMismatch when its columns differ
std::int64_t rows_of(const Chunk& chunk);

}  // namespace nextbest
