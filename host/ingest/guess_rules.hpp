#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "host/ingest/discover.hpp"

namespace nextbest {

/// What the lines suggest for `[clean]`.
struct GuessedRules {
  std::int64_t lines = 0;  ///< looked at
  std::int64_t negative_quantities = 0;
  std::string cancelled_order_prefix;
  std::int64_t cancelled_lines = 0;
  std::vector<std::string> not_products;
  std::int64_t orders_in_several_files = 0;
};

/// Reads item ids, order ids and quantities of up to five million lines.
GuessedRules guess_rules(const std::vector<FoundFile>& files, const std::map<std::string, std::string>& columns);

/// Ids that look like no products: where nearly all ids hold a number of three digits or more, those that do not and
/// are short or speak of postage, fees, vouchers and the like. Ascending; families of vouchers and tests as patterns.
std::vector<std::string> codes_that_are_no_products(const std::vector<std::string>& ids);

}  // namespace nextbest
