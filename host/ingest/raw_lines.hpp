#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/ingest/id_encoder.hpp"
#include "host/ingest/line_rules.hpp"
#include "host/ingest/line_store.hpp"
#include "kernels/core/context.hpp"

namespace nextbest {

/// The lines that came from one file, [first_line, next file's first_line).
struct FileSpan {
  std::string path;
  bool is_text = false;
  std::int64_t first_line = 0;
  std::vector<std::int64_t> skipped_rows;  ///< rows of the file that are not among the lines, ascending
};

/// Names that lines gave to items: how often which.
class NameCounts {
 public:
  void add(Offset item, std::string_view name);
  /// [items] by provisional code: the most frequent name, the smallest of those; empty where there is none.
  std::vector<std::string> best(Offset items) const;

 private:
  IdEncoder names_;
  boost::unordered_flat_map<std::uint64_t, std::int64_t> counts_;  ///< item and name
};

/// The columns that the order files have.
struct LineColumns {
  bool customers = false, orders = false, times = false, quantities = false, money = false, splits = false;
  bool money_is_of_line = false;
};

/// Every line of every order file, in the order of files and rows, after the rules that look at a line alone. Codes in
/// the lines are the provisional ones of the encoders.
struct RawLines {
  LineColumns has;
  IdEncoder items, customers, orders;
  IdOrder item_order, customer_order, order_order;  ///< after find_orders()
  std::vector<std::string> item_names;              ///< [items] in ascending order after find_orders(), or empty
  NameCounts names;
  std::vector<FileSpan> files;
  std::int64_t lines = 0;

  std::unique_ptr<LineStore> store;
  std::vector<LineChunk> chunks;
  std::vector<std::int64_t> lines_of_customer;  ///< [customers] by provisional code: lines for part_lines()
  std::int64_t anonymous_lines = 0;             ///< of those
  LineTally tally;                              ///< what the rules found so far
  DataSize read;                                ///< every line
  DataSize distinct;                            ///< without those that `repeated_orders` dropped

  std::size_t file_of(std::int64_t line) const;
  /// 0-based row of the line in its file.
  std::int64_t row_of(std::int64_t line) const;
  /// Sorts the ids; `catalogue_items` takes part in finding the items' type.
  void find_orders(const IdEncoder* catalogue_items, const Context& ctx);
};

/// Whether part_lines() hands a line on: not when a rule dropped it, unless the days of customers are still to be
/// counted as the orders of the files.
inline bool is_parted(const RawLines& raw, const Line& line) {
  return !line.dropped || (!raw.has.orders && line.customer != kNoCode);
}

}  // namespace nextbest
