#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include "host/ingest/table_scan.hpp"
#include "host/store/order_log.hpp"

namespace nextbest {

/// One batch on its way, and its columns before bad rows are left out.
struct OrderBatch {
  ScannedBatch scanned;
  std::vector<Offset> item, customer, order;
  std::vector<Micros> time;
  std::vector<std::int64_t> quantity, returned, money;
  std::vector<Split> split;
  std::vector<std::string> name;
  Offset items = 0, customers = 0, orders = 0;  ///< ids known after this batch

  std::vector<std::int64_t> rows;  ///< that are kept
  std::int64_t first_line = 0;
  std::size_t first_chunk = 0;

  void clear() {
    for (auto* column : {&item, &customer, &order, &time, &quantity, &returned, &money, &rows}) column->clear();
    split.clear();
    name.clear();
    items = customers = orders = 0;
  }
  /// Runs a part of the work; what it throws waits for TableScan::settle().
  template <class Work>
  void guarded(const Work& work) {
    if (scanned.error) return;
    try {
      work();
    } catch (...) {
      scanned.error = std::current_exception();
    }
  }
};

}  // namespace nextbest
