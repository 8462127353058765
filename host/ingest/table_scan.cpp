#include "host/ingest/table_scan.hpp"

#include <algorithm>

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <fmt/format.h>

#include "kernels/core/error.hpp"
#include "kernels/core/parallel.hpp"

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
    : file_(file), bad_(bad), reader_(open_table(file.path, format, bad)) {}

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
  reader_->select(names);
}

std::int64_t TableScan::batch_rows() const {
  return batch_ == nullptr ? 0 : batch_->num_rows();
}

bool TableScan::next() {
  if (batch_ != nullptr) {
    for (std::size_t row = 0; row < bad_in_batch_.size(); ++row) {
      if (bad_in_batch_[row]) skipped_rows_.push_back(rows_before_ + static_cast<std::int64_t>(row));
    }
    rows_before_ += batch_->num_rows();
  }
  bad_in_batch_.clear();
  batch_ = reader_->next();
  return batch_ != nullptr;
}

void TableScan::reject(std::int64_t row, const std::string& ours, const std::string& value, const std::string& reason) {
  bad_in_batch_.resize(static_cast<std::size_t>(batch_->num_rows()));
  if (bad_in_batch_[static_cast<std::size_t>(row)]) return;  // one bad cell is enough
  bad_in_batch_[static_cast<std::size_t>(row)] = true;
  const MappedColumn* column = find_column(columns_, ours);
  const bool secret = ours == "customer_id";  // ids of customers stay out of messages and logs
  bad_.add({file_.path, reader_->place(rows_before_ + row), column == nullptr ? ours : column->yours,
            secret && !value.empty() ? "(an id of a customer is not shown)" : value, reason});
}

void TableScan::read_column(const ColumnRead& wanted, ColumnOutcome& outcome) {
  const MappedColumn* column = find_column(columns_, wanted.ours);
  if (column == nullptr) return;
  std::shared_ptr<arrow::Array> array;
  if (column->in_path) {
    const auto part = std::find_if(file_.partitions.begin(), file_.partitions.end(),
                                   [&](const auto& partition) { return partition.first == column->yours; });
    array = constant_column(part->second, batch_->num_rows());
  } else {
    array = batch_->GetColumnByName(column->yours);
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

void TableScan::read(const Context& ctx, const std::vector<ColumnRead>& columns) {
  std::vector<ColumnOutcome> outcomes(columns.size());
  parallel_for(ctx, static_cast<std::int64_t>(columns.size()), 1, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t i = begin; i < end; ++i) read_column(columns[i], outcomes[i]);
  });
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (outcomes[i].wrong) {
      throw DataError(fmt::format(
          "{}: column \"{}\" is of type {}, which is no {} as {} needs; map another column or write it with another "
          "type",
          file_.path, yours(columns[i].ours), outcomes[i].wrong->type, outcomes[i].wrong->wanted, columns[i].ours));
    }
    for (const BadCell& cell : outcomes[i].bad) reject(cell.row, columns[i].ours, cell.value, cell.reason);
  }
}

}  // namespace nextbest
