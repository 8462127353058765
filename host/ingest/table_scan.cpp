#include "host/ingest/table_scan.hpp"

#include <algorithm>
#include <utility>

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <fmt/format.h>

#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

constexpr const char* kHiveNull = "__HIVE_DEFAULT_PARTITION__";

/// What the path says, once for every row.
std::shared_ptr<arrow::Array> constant_column(const std::string& value, std::int64_t rows) {
  const arrow::BinaryScalar scalar(arrow::Buffer::FromString(value == kHiveNull ? std::string() : value));
  auto column = arrow::MakeArrayFromScalar(scalar, rows);
  if (!column.ok()) throw DataError("a partition of the path is too long: " + value);
  return std::move(column).ValueUnsafe();
}

}  // namespace

TableScan::TableScan(const FoundFile& file, const std::string& format, BadRows& bad)
    : file_(file), bad_(bad), reader_(open_table(file.path, format)) {}

TableScan::~TableScan() = default;

void TableScan::map(const std::map<std::string, std::string>& mapping, const std::vector<std::string>& known,
                    const std::string& section) {
  columns_ = map_columns(mapping, known, file_, *reader_, section);
  std::vector<std::string> names;
  for (const MappedColumn& column : columns_) {
    const bool again = std::find(names.begin(), names.end(), column.yours) != names.end();
    const bool is_read = std::find(known.begin(), known.end(), column.ours) != known.end();
    if (is_read && !column.in_path && !again) names.push_back(column.yours);
  }
  try {
    reader_->select(names);
  } catch (const DataError&) {
    for (const BadRow& row : reader_->take_broken()) bad_.add(row);
    throw;
  }
}

std::int64_t ScannedBatch::rows() const {
  return cells == nullptr ? 0 : cells->num_rows();
}

bool TableScan::take(ScannedBatch& batch) {
  batch = {};
  const std::lock_guard lock(mutex_);
  if (ended_) return false;
  batch.number = batches_++;
  batch.first_row = rows_;
  try {
    batch.cells = reader_->next();
  } catch (...) {
    batch.error = std::current_exception();
  }
  batch.broken = reader_->take_broken();
  batch.fraction = reader_->fraction();
  rows_ += batch.rows();
  ended_ = batch.cells == nullptr;
  return !ended_ || batch.error || !batch.broken.empty();
}

void TableScan::read(ScannedBatch& batch, const ColumnRead& wanted) const {
  const MappedColumn* column = find_column(columns_, wanted.ours);
  if (column == nullptr || batch.cells == nullptr) return;
  ScannedBatch::Column& outcome = batch.columns.emplace_back(ScannedBatch::Column{wanted.ours, {}, {}});
  std::shared_ptr<arrow::Array> array;
  if (column->in_path) {
    const auto part = std::find_if(file_.partitions.begin(), file_.partitions.end(),
                                   [&](const auto& partition) { return partition.first == column->yours; });
    array = constant_column(part->second, batch.rows());
  } else {
    array = batch.cells->GetColumnByName(column->yours);
  }
  try {
    wanted.read({*array, column->in_path || reader_->is_text()},
                [&](std::int64_t row, const std::string& value, const std::string& reason) {
                  outcome.bad.push_back({row, value, reason});
                });
  } catch (const WrongColumnType& wrong) {
    outcome.wrong = wrong;
  }
}

void TableScan::settle(ScannedBatch& batch) {
  for (const BadRow& row : std::exchange(batch.broken, {})) bad_.add(row);
  if (batch.error) std::rethrow_exception(batch.error);
  for (const ScannedBatch::Column& column : std::exchange(batch.columns, {})) {
    if (column.wrong) {
      throw DataError(fmt::format(
          "{}: column \"{}\" is of type {}, which is no {} as {} needs; map another column or write it with another "
          "type",
          file_.path, yours(column.ours), column.wrong->type, column.wrong->wanted, column.ours));
    }
    for (const ScannedBatch::BadCell& cell : column.bad) reject(batch, cell.row, column.ours, cell.value, cell.reason);
  }
}

void TableScan::reject(ScannedBatch& batch, std::int64_t row, const std::string& ours, const std::string& value,
                       const std::string& reason) {
  batch.bad.resize(static_cast<std::size_t>(batch.rows()));
  if (batch.is_bad(row)) return;  // one bad cell is enough
  batch.bad[static_cast<std::size_t>(row)] = true;
  skipped_rows_.push_back(batch.first_row + row);
  const MappedColumn* column = find_column(columns_, ours);
  const bool secret = ours == "customer_id";  // ids of customers stay out of messages and logs
  bad_.add({file_.path, place(batch.first_row + row), column == nullptr ? ours : column->yours,
            secret && !value.empty() ? "(an id of a customer is not shown)" : value, reason});
}

bool TableScan::next() {
  if (!take(batch_)) return false;
  settle(batch_);
  return batch_.cells != nullptr;
}

void TableScan::read(const std::string& ours, ColumnRead::Read read) {
  this->read(batch_, {ours, std::move(read)});
  settle(batch_);
}

std::string TableScan::place(std::int64_t row) {
  const std::lock_guard lock(mutex_);
  return reader_->place(row);
}

std::vector<std::int64_t> TableScan::skipped_rows() const {
  std::vector<std::int64_t> ascending = skipped_rows_;
  std::sort(ascending.begin(), ascending.end());
  return ascending;
}

}  // namespace nextbest
