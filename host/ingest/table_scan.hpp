#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/ingest/cells.hpp"
#include "host/ingest/column_map.hpp"
#include "host/ingest/discover.hpp"
#include "host/ingest/table_reader.hpp"
#include "kernels/core/context.hpp"

namespace nextbest {

/// What is to be done with one of our columns.
struct ColumnRead {
  using Read = std::function<void(const Cells&, const OnBadCell&)>;
  std::string ours;
  Read read;
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

  /// The next batch; false at the end.
  bool next();
  std::int64_t batch_rows() const;
  /// Calls read(cells, bad) for those of our columns that the file has, several at a time where there are threads for
  /// it; then bad cells are put on the account, column by column.
  /// @throws DataError no more bad rows are allowed, or a column has a type that nothing can be read from
  void read(const Context& ctx, const std::vector<ColumnRead>& columns);
  void read(const std::string& ours, ColumnRead::Read read) { this->read({}, {{ours, std::move(read)}}); }
  /// Rows of this batch that had a bad cell; they are to be left out.
  bool is_bad(std::int64_t row) const { return !bad_in_batch_.empty() && bad_in_batch_[static_cast<std::size_t>(row)]; }
  bool any_bad() const { return !bad_in_batch_.empty(); }
  /// Puts a row on the account for what its cells say together; `ours` and `value` are what the message shows.
  void reject(std::int64_t row, const std::string& ours, const std::string& value, const std::string& reason);
  /// "line 17" or "row 16" of a row of the file.
  std::string place(std::int64_t row) { return reader_->place(row); }
  std::int64_t rows() const { return rows_before_ + batch_rows(); }
  const std::vector<std::int64_t>& skipped_rows() const { return skipped_rows_; }

 private:
  struct BadCell {
    std::int64_t row;
    std::string value, reason;
  };
  struct ColumnOutcome {
    std::vector<BadCell> bad;
    std::optional<WrongColumnType> wrong;
  };
  void read_column(const ColumnRead& wanted, ColumnOutcome& outcome);
  FoundFile file_;
  BadRows& bad_;
  std::unique_ptr<TableReader> reader_;
  std::vector<MappedColumn> columns_;
  std::shared_ptr<arrow::RecordBatch> batch_;
  std::int64_t rows_before_ = 0;  ///< rows of the batches before this one
  std::vector<bool> bad_in_batch_;
  std::vector<std::int64_t> skipped_rows_;
};

}  // namespace nextbest
