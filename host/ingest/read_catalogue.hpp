#pragma once

#include <string>
#include <vector>

#include "host/ingest/bad_rows.hpp"
#include "host/ingest/findings.hpp"
#include "host/ingest/ingest.hpp"
#include "host/ingest/raw_lines.hpp"

namespace nextbest {

/// The catalogue as the files have it, one entry per row; a column that is not there is empty.
struct RawCatalogue {
  bool given = false;
  IdEncoder ids;
  std::vector<Offset> row_of_id;  ///< [ids]; -1: only in rows that could not be read
  std::vector<std::string> category_columns;
  std::vector<std::vector<std::string>> category;  ///< [levels][rows]
  std::vector<std::string> brand, family, size, name;
  std::vector<std::int64_t> price, cost, stock;
  std::vector<Micros> launched_at, discontinued_at;
};

/// Reads the job's catalogue files; not given when the job names none. Fills the rows of `inputs` (the last inputs
/// belong to the catalogue).
/// @throws DataError naming file, row, column, value; an id that is there twice
RawCatalogue read_catalogue(const Job& job, std::vector<InputFile>& inputs, BadRows& bad, Reporter& reporter);

/// What the catalogue says of the items of the log. item_of: see build_log. Where it has no name for an item, the name
/// that the order lines give it.
Catalogue fit_catalogue(const RawCatalogue& raw, const RawLines& lines, const std::vector<Offset>& item_of);

/// [items] by ascending code of `raw`: whether the catalogue has the item; empty where there is no catalogue.
std::vector<std::uint8_t> joined_items(const RawCatalogue& catalogue, const RawLines& raw);

}  // namespace nextbest
