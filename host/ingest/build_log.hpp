#pragma once

#include <map>
#include <string>

#include "host/ingest/findings.hpp"
#include "host/ingest/raw_lines.hpp"
#include "host/job/job.hpp"

namespace nextbest {

/// The lines that no rule dropped as an order log: sorted, duplicates (same order, customer, split and item) made one
/// by the rule, baskets built, dictionaries cut to what is used. Without order ids the lines of one customer and day
/// (or of one customer, without times) are one basket, and repeated items in it are always merged and no finding.
/// merge  quantities add, the price is the quantity-weighted mean, the time the earliest
/// first  the line that comes first by file and row stays as it is
/// The catalogue is left empty. Temporary memory: 24 bytes a line and the columns of the result.
/// item_of  receives for every item code of the log its place among the ascending codes of `raw`
/// @throws DataError nothing is left; duplicates under the rule `error`
OrderLog build_log(const RawLines& raw, Duplicates rule, const std::map<std::string, std::string>& names,
                   Found& duplicates, std::vector<Offset>& item_of);

}  // namespace nextbest
