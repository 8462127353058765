#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "host/ingest/cells.hpp"
#include "host/ingest/column_map.hpp"
#include "host/ingest/discover.hpp"
#include "host/ingest/table_reader.hpp"

namespace nextbest {

/// What is to be done with one of our columns.
struct ColumnRead {
  using Read = std::function<void(const Cells&, const OnBadCell&)>;
  std::string ours;
  Read read;
};

/// A batch of a table on its way.
struct ScannedBatch {
  std::int64_t number = 0;  ///< of the file's batches, from 0
  std::int64_t first_row = 0;
  double fraction = 0;  ///< of the file, up to the end of this batch; about
  std::shared_ptr<arrow::RecordBatch> cells;
  std::vector<BadRow> broken;  ///< lines of a text file that are no rows
  std::vector<bool> bad;       ///< [rows] had a bad cell and are to be left out; empty: none
  std::exception_ptr error;    ///< why there are no cells, or none of some column

  std::int64_t rows() const;
  bool is_bad(std::int64_t row) const { return !bad.empty() && bad[static_cast<std::size_t>(row)]; }

  struct BadCell {
    std::int64_t row;
    std::string value, reason;
  };
  struct Column {
    std::string ours;
    std::vector<BadCell> bad;
    std::optional<WrongColumnType> wrong;
  };
  std::vector<Column> columns;  ///< what was found while they were read
};

/// Reads the mapped columns of one file batch by batch and keeps the account of its bad rows.
class TableScan {
 public:
  TableScan(const FoundFile& file, const std::string& format, BadRows& bad);
  ~TableScan();
  TableReader& reader() const { return *reader_; }
  /// Finds the columns; only those of `known` are read, others that the mapping names must exist.
  /// @throws DataError see map_columns
  void map(const std::map<std::string, std::string>& mapping, const std::vector<std::string>& known,
           const std::string& section);
  const std::vector<MappedColumn>& columns() const { return columns_; }
  bool has(const std::string& ours) const { return find_column(columns_, ours) != nullptr; }

  /// The user's name of a column that the file has.
  const std::string& yours(const std::string& ours) const { return find_column(columns_, ours)->yours; }

  // Several batches on their way at a time: any thread takes one and reads its columns; then the batches are settled,
  // in the order of their numbers.

  /// The next batch; false at the end. What goes wrong waits in batch.error for settle().
  bool take(ScannedBatch& batch);
  /// Calls read(cells, bad) for one of our columns, if the file has it.
  void read(ScannedBatch& batch, const ColumnRead& column) const;
  /// Puts bad rows on the account, column by column.
  /// @throws DataError no more bad rows are allowed, a column has a type that nothing can be read from, or what take()
  /// met
  void settle(ScannedBatch& batch);

  // One batch at a time.

  /// The next batch; false at the end.
  bool next();
  std::int64_t batch_rows() const { return batch_.rows(); }
  void read(const std::string& ours, ColumnRead::Read read);
  /// Rows of this batch that had a bad cell; they are to be left out.
  bool is_bad(std::int64_t row) const { return batch_.is_bad(row); }
  bool any_bad() const { return !batch_.bad.empty(); }
  /// Puts a row on the account for what its cells say together; `ours` and `value` are what the message shows.
  void reject(std::int64_t row, const std::string& ours, const std::string& value, const std::string& reason) {
    reject(batch_, row, ours, value, reason);
  }
  /// "line 17" or "row 16" of a row of the file.
  std::string place(std::int64_t row);

  /// Of the batches that were taken.
  std::int64_t rows() const { return rows_; }
  /// Rows with bad cells in the batches that were settled, ascending.
  std::vector<std::int64_t> skipped_rows() const;

 private:
  void reject(ScannedBatch& batch, std::int64_t row, const std::string& ours, const std::string& value,
              const std::string& reason);
  FoundFile file_;
  BadRows& bad_;
  std::mutex mutex_;  ///< of the reader
  std::unique_ptr<TableReader> reader_;
  std::vector<MappedColumn> columns_;
  std::int64_t batches_ = 0, rows_ = 0;  ///< taken
  bool ended_ = false;
  ScannedBatch batch_;
  std::vector<std::int64_t> skipped_rows_;
};

}  // namespace nextbest
