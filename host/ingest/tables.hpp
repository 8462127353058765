#pragma once

#include <memory>
#include <string>

#include "host/ingest/table_reader.hpp"

namespace nextbest {

/// The readers behind open_table, one per kind of file; open_table chooses.
std::unique_ptr<TableReader> open_text_table(const std::string& path, char delimiter);
std::unique_ptr<TableReader> open_parquet_table(const std::string& path);
std::unique_ptr<TableReader> open_ipc_table(const std::string& path);

}  // namespace nextbest
