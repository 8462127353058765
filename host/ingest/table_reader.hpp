#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/ingest/bad_rows.hpp"

namespace arrow {
class RecordBatch;
}

namespace nextbest {

struct TableColumn {
  std::string name;
  std::string type;  ///< in Arrow's words; "text" for every column of a text file
};

/// One file of a table, opened: its columns, then the selected ones batch by batch. Never the whole file in memory.
class TableReader {
 public:
  virtual ~TableReader() = default;
  virtual const std::vector<TableColumn>& columns() const = 0;
  /// Only these columns are read. Called once, before next().
  virtual void select(const std::vector<std::string>& names) = 0;
  /// The next rows; nullptr at the end. Columns of a text file are binary arrays with the bytes of the cells.
  /// @throws DataError the file is damaged
  virtual std::shared_ptr<arrow::RecordBatch> next() = 0;
  /// The lines of a text file that are no rows, those met since the last call; also after next() or select() threw.
  virtual std::vector<BadRow> take_broken() { return {}; }
  /// Cells are text that still has to be understood.
  virtual bool is_text() const = 0;
  /// Where a row is for the user: "line 17" of a text file (header and blank lines counted), else "row 16".
  /// row  as counted over the batches, from 0
  virtual std::string place(std::int64_t row) = 0;
  /// How much of the file has been read, 0 to 1; about.
  virtual double fraction() const = 0;
  /// Rows of the file where it says so by itself, without being read; else -1.
  virtual std::int64_t rows_in_footer() const { return -1; }
  /// The smallest and the largest integer of a column where the file says so by itself; else nothing.
  virtual std::optional<std::pair<std::int64_t, std::int64_t>> range_in_footer(const std::string& /*column*/) const {
    return std::nullopt;
  }
};

/// Lets Arrow decode on so many threads (of the whole program).
void set_reader_threads(int threads);

/// Opens a file. `format` is auto (by content, then by name), parquet, csv, tsv or ipc.
/// @throws DataError not readable as what it seems to be
std::unique_ptr<TableReader> open_table(const std::string& path, const std::string& format);

}  // namespace nextbest
