#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace nextbest {

/// A row that cannot be read.
struct BadRow {
  std::string path, place, column, value;
  std::string reason;  ///< what is wrong and what to do
  std::string message() const;
};

/// The rows that could not be read: up to `max_rows` of them are written to a reject file (CSV) and skipped.
class BadRows {
 public:
  BadRows(std::int64_t max_rows, std::string reject_file) : max_rows_(max_rows), reject_file_(std::move(reject_file)) {}
  /// @throws DataError when no more are allowed; OutputError the reject file cannot be written
  void add(const BadRow& row);
  std::int64_t count() const { return count_; }
  /// The first five, as messages.
  const std::vector<std::string>& examples() const { return examples_; }

 private:
  std::int64_t max_rows_;
  std::string reject_file_;
  std::int64_t count_ = 0;
  std::vector<std::string> examples_;
  std::ofstream rejects_;
};

/// Bytes of a cell for a message: at most 60 of them, those that cannot be shown as \xNN.
std::string printable(std::string_view value);

}  // namespace nextbest
