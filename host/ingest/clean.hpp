#pragma once

#include <cstdint>
#include <vector>

#include "host/ingest/build_log.hpp"
#include "host/ingest/findings.hpp"

namespace nextbest {

/// `bulk_customers` have more lines than this and more than ten times the 99th percentile (nearest rank) of the
/// customers' numbers of lines.
inline constexpr std::int64_t kFewestBulkLines = 1000;

/// The number of lines above which a customer is a bulk customer. lines_of_customer: 0 = not there at all.
std::int64_t bulk_limit(const std::vector<std::int64_t>& lines_of_customer);

/// `volume_drop`: lines of the last seven days before the end against the median of the eight weeks before those; only
/// where the data reach back nine weeks. share = 1 - last / median. Lines that were merged into another count.
std::vector<RuleFinding> find_volume_drop(const OrderLog& log, const std::vector<Micros>& merged_times);

}  // namespace nextbest
