#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/ingest/discover.hpp"
#include "host/ingest/table_reader.hpp"

namespace nextbest {

/// One of our columns and where a file has it.
struct MappedColumn {
  std::string ours;
  std::string yours;
  bool in_path = false;  ///< a hive partition of the file's path
};

/// Our names of the columns that order files and catalogues may have. The ingestion reads those of them that something
/// is done with; a mapped column must exist in any case.
const std::vector<std::string>& order_columns();
const std::vector<std::string>& item_columns();

/// Finds the columns of `known` (and every further one that `mapping` names) in a file: under the name that the mapping
/// gives, else under our own name. A column that is not mapped may be missing.
/// section  names the job's section in messages, e.g. "input.orders"
/// @throws DataError a mapped column does not exist (with those that do and the nearest), or its name is there twice
std::vector<MappedColumn> map_columns(const std::map<std::string, std::string>& mapping,
                                      const std::vector<std::string>& known, const FoundFile& file,
                                      const TableReader& reader, const std::string& section);

const MappedColumn* find_column(const std::vector<MappedColumn>& columns, const std::string& ours);

}  // namespace nextbest
