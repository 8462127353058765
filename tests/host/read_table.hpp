#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace nextbest::testing_support {

/// A table read back by Arrow, every value as Arrow prints it ("null" for nulls).
struct ReadTable {
  std::vector<std::string> names;  ///< "name: type"
  std::vector<std::vector<std::string>> rows;
};

ReadTable read_parquet(const std::filesystem::path& path);
/// The number of rows of each row group.
std::vector<std::int64_t> row_groups_of(const std::filesystem::path& path);

}  // namespace nextbest::testing_support
