#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/export/table.hpp"
#include "host/export/tables.hpp"

namespace nextbest {

/// Rows are gathered up to here before they are handed to the writer.
inline constexpr std::size_t kChunkRows = 1 << 16;

/// A column of the same text in every row.
inline std::vector<std::string> repeated(std::size_t rows, const std::string& text) {
  return std::vector<std::string>(rows, text);
}

inline std::unique_ptr<TableWriter> open_table(const TableTarget& target) {
  return make_table_writer(target.run_dir, target.table, target.format);
}

}  // namespace nextbest
