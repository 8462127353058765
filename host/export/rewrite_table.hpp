#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/export/tables.hpp"

namespace nextbest {

/// Reads the Parquet parts of a table in order, batch by batch, and writes its rows as `target` says. Where `run_id`
/// is not empty and the table has the columns, `run_id` is replaced and `rec_id` computed anew.
/// @throws DamagedFile a part that cannot be read; OutputError
std::vector<WrittenFile> rewrite_table(const std::filesystem::path& parts, const TableTarget& target,
                                       const std::string& run_id);

}  // namespace nextbest
