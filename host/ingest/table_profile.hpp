#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/ingest/discover.hpp"

namespace nextbest {

/// What a sample says of one column. Shares are of the cells that are not missing.
struct ColumnProfile {
  std::string name;
  std::string key;  ///< the name in lower case, letters and digits only
  std::string type;
  std::int64_t cells = 0, missing = 0, distinct = 0;
  double numbers = 0, integers = 0, times = 0, negative = 0, splits = 0;
  std::vector<std::string> examples;  ///< the first three
};

/// Files with the same columns, and a sample of the first one.
struct TableProfile {
  std::vector<FoundFile> files;
  std::vector<ColumnProfile> columns;
  std::int64_t rows = 0;  ///< in the sample
};

/// Groups files by their columns, in the order in which they come, and samples each group. Files that cannot be read
/// are left out where there are others.
std::vector<TableProfile> profile_tables(const std::vector<FoundFile>& files);

}  // namespace nextbest
