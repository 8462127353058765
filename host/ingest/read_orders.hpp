#pragma once

#include <string>
#include <vector>

#include "host/ingest/bad_rows.hpp"
#include "host/ingest/ingest.hpp"
#include "host/ingest/raw_lines.hpp"

namespace nextbest {

/// Every line of the job's order files, in the order of files and rows, after the rules. Fills the rows of `inputs`
/// (the first inputs belong to the order files).
/// @throws DataError naming file, row, column, value; files that do not fit together; no line at all
RawLines read_orders(const Job& job, const IngestOptions& options, LineRules& rules, std::vector<InputFile>& inputs,
                     BadRows& bad, Reporter& reporter);

}  // namespace nextbest
