#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "host/export/table.hpp"
#include "host/export/tables.hpp"
#include "kernels/core/parallel_in_order.hpp"

namespace nextbest {

/// Rows are gathered up to here before they are handed to the writer.
inline constexpr std::size_t kChunkRows = 1 << 16;

/// A column of the same text in every row.
inline NameColumn repeated(std::size_t rows, const std::string& text) {
  return {{text}, std::vector<Code>(rows, 0)};
}

/// Makes chunks of the rows that entries (lists, targets) yield, several at a time where ctx has threads for it, and
/// hands them to the writer in their order. A chunk ends with the first entry that fills it; what is left waits in
/// `rest`, so chunks do not depend on how the entries are divided among calls. rows_of(e)     rows of entry e of [0,
/// entries) append(e, to)  appends them to a Rows make(rows)     turns a Rows into a Chunk
template <class Rows, class RowsOf, class Append, class Make>
void write_entries(const Context& ctx, std::int64_t entries, Rows& rest, const RowsOf& rows_of, const Append& append,
                   const Make& make, TableWriter& writer) {
  std::vector<std::int64_t> begin{0};
  std::size_t filled = rest.size();
  for (std::int64_t e = 0; e < entries; ++e) {
    filled += static_cast<std::size_t>(rows_of(e));
    if (filled < kChunkRows) continue;
    begin.push_back(e + 1);
    filled = 0;
  }
  parallel_in_order(
      ctx, std::ssize(begin) - 1,
      [&](std::int64_t chunk, int) {
        Rows rows = chunk == 0 ? std::exchange(rest, Rows{}) : Rows{};
        for (std::int64_t e = begin[chunk]; e < begin[chunk + 1]; ++e) append(e, rows);
        return make(std::move(rows));
      },
      [&](const Chunk& chunk) { writer.write(chunk); });
  for (std::int64_t e = begin.back(); e < entries; ++e) append(e, rest);
}

inline std::unique_ptr<TableWriter> open_table(const TableTarget& target) {
  return make_table_writer(target.run_dir, target.table, target.format);
}

}  // namespace nextbest
