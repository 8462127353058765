#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/ingest/log_part.hpp"
#include "host/store/order_log.hpp"
#include "kernels/core/context.hpp"

namespace nextbest {

/// The lines that no rule dropped as an order log, and what was found on the way.
struct BuiltLog {
  OrderLog log;                 ///< without catalogue
  std::vector<Offset> item_of;  ///< [items of the log] places in the ascending order of all ids
  NettingTally netting;
  Tally unjoined, anonymous, zero_quantity, duplicates;
  std::vector<LargeCustomer> large_customers;
  std::vector<std::int64_t> lines_of_customer;  ///< [customers] lines left, bulk customers included
  std::int64_t customer_days = 0;               ///< orders of the files, where they have no ids
  std::vector<Micros> merged_times;             ///< see LogPart
};

/// Makes the order log of parted lines: returns netted, duplicates (same order, customer, split and item) made one by
/// the rule, baskets built, dictionaries cut to what is used. Without order ids the lines of one customer and day (or
/// of one customer, without times) are one basket, and repeated items in it are always merged and no finding. merge
/// quantities add, the price is the quantity-weighted mean, the time the earliest first  the line that comes first by
/// file and row stays as it is Each partition is worked on by one thread, and the pieces are joined in their order: the
/// result is the same for any number of threads. The lines are taken out of raw.store. Temporary memory: what
/// part_lines() left, shrinking as the log grows; without customers 8 bytes a line at the end, to put baskets in order
/// of time.
/// @throws DataError duplicates under the rule `error`
BuiltLog build_log(RawLines& raw, std::vector<Partition>& partitions, const LogRules& rules,
                   const std::map<std::string, std::string>& names, const Context& ctx);

/// Lines that returns leave to each customer [customers]; the lines stay in raw.store.
std::vector<std::int64_t> count_lines_left(RawLines& raw, std::vector<Partition>& partitions, const LogRules& rules,
                                           const Context& ctx);

}  // namespace nextbest
