#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/ingest/table_profile.hpp"

namespace nextbest {

/// ours → yours, as guessed for one table.
struct GuessedOrders {
  std::map<std::string, std::string> columns;
  std::vector<std::string> notes;  ///< what the user should look at
  double score = 0;                ///< 0: these are no order lines
};
struct GuessedItems {
  std::map<std::string, std::string> columns;
  std::vector<std::string> category;  ///< broadest first
  double score = 0;                   ///< 0: this is no catalogue
};

/// Whether a table holds order lines, and which of its columns are what: by names in many spellings, then by values.
GuessedOrders guess_orders(const TableProfile& table);
/// Whether a table is the catalogue of the items that the order lines have in the column `item_column`.
GuessedItems guess_items(const TableProfile& table, const std::string& item_column);

}  // namespace nextbest
