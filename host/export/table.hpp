#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "host/store/dictionary.hpp"

namespace nextbest {

/// Codes that are written as the ids they stand for.
struct IdColumn {
  const Dictionary* dictionary;
  std::vector<Code> code;  ///< kNoCode = null
};

/// One column of a chunk of rows. Times are UTC microseconds. Vectors are float32 lists of fixed size. Null are
/// kNoCode, the smallest int64 (kNoTime) and empty text.
struct VectorColumn {
  std::int64_t dim;
  std::vector<float> values;  ///< [rows * dim]
};
struct TimeColumn {
  std::vector<std::int64_t> micros;
};
/// Few texts, each in many rows.
struct NameColumn {
  std::vector<std::string> names;
  std::vector<Code> code;  ///< into names, kNoCode = null
};
/// Written as 16 hexadecimal digits.
struct HexColumn {
  std::vector<std::uint64_t> values;
};
struct Column {
  std::string name;
  std::variant<IdColumn, std::vector<std::int32_t>, std::vector<std::int64_t>, std::vector<float>, std::vector<double>,
               std::vector<std::string>, TimeColumn, VectorColumn, NameColumn, HexColumn>
      values;
};
using Chunk = std::vector<Column>;

enum class TableFormat { kParquet, kCsv, kJsonLines };

struct WrittenFile {
  std::string path;  ///< relative to the folder of the run
  std::int64_t bytes = 0, rows = 0;
  std::string sha256;
};

/// Writes one table as a folder of part files `part-00000.parquet` (.csv, .jsonl) from chunks of rows. Chunks must have
/// the same columns in the same order, and come sorted by the table's key. Parquet: zstd, row groups near 1 M rows, a
/// new file before 1 GiB. The same chunks give the same bytes. Parts that the folder held before are removed.
class TableWriter {
 public:
  virtual ~TableWriter() = default;
  /// @throws OutputError naming the file and the cause (full disk, no permission)
  virtual void write(const Chunk& chunk) = 0;
  /// Closes and syncs. Without it nothing that was written counts. @throws OutputError
  virtual std::vector<WrittenFile> finish() = 0;
};

/// A new part is begun before a file can grow beyond this.
inline constexpr std::int64_t kLargestPart = std::int64_t{1} << 30;

/// @param run_dir  folder of the run   @param table  relative folder, e.g. "pairs" or "export/pairs"
std::unique_ptr<TableWriter> make_table_writer(const std::filesystem::path& run_dir, const std::string& table,
                                               TableFormat format, std::int64_t largest_part = kLargestPart);

}  // namespace nextbest
