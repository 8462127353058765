#pragma once

#include <vector>

#include "host/ingest/findings.hpp"
#include "host/ingest/ingest.hpp"
#include "host/ingest/raw_lines.hpp"

namespace nextbest {

/// The rules of cleaning, in the order in which they are applied. Each marks lines as dropped (or changes quantities)
/// and says what it found; lines that an earlier rule dropped are not looked at again.

/// `repeated_orders`: lines of an order that an earlier file has already.
Found find_repeated_orders(RawLines& raw, bool drop);
/// Lines that belong to no order and no customer, so to nothing.
Found drop_homeless_lines(RawLines& raw);
/// `future_timestamps`: after `now`, but for test lines.
Found drop_future(RawLines& raw, Micros now);
/// Lines after the job's as_of, but for test lines.
Found drop_after(RawLines& raw, Micros as_of);
/// `not_products`: ids, or patterns with *.
Found drop_not_products(RawLines& raw, const std::vector<std::string>& patterns);
/// `zero_price`: price (or value) 0.
Found find_zero_price(RawLines& raw, bool drop);
/// `bulk_customers`: customers with more than 1,000 lines and more than ten times the 99th percentile (nearest rank) of
/// the customers' numbers of lines.
Found find_bulk_customers(RawLines& raw, bool drop);
/// `volume_drop`: lines of the last seven days before the end against the median of the eight weeks before those; only
/// where the data reach back nine weeks. share = 1 - last / median.
std::vector<RuleFinding> find_volume_drop(const RawLines& raw);

/// `returns`: lines with a negative quantity or of an order whose id begins with the prefix, and returned_quantity.
/// net   a return takes its quantity from the most recent earlier purchases of the same customer, item and split (of
///       the same order where the customer is unknown); what is returned wholly disappears, and so do the return lines,
///       also those with no purchase before them. Purchases of the same moment count as earlier.
/// drop  return lines disappear, purchases stay
/// keep  everything stays
std::vector<Found> apply_returns(RawLines& raw, Returns rule, const std::string& cancelled_order_prefix);

}  // namespace nextbest
