#include "host/ingest/table_profile.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

#include "host/ingest/table_reader.hpp"
#include "host/ingest/values.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

constexpr std::int64_t kSampleRows = 20'000;

std::string key_of(std::string_view name) {
  std::string key;
  for (const unsigned char c : name) {
    if (std::isalnum(c)) key += static_cast<char>(std::tolower(c));
  }
  return key;
}

bool is_split_name(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text == "train" || text == "test" || text == "validation" || text == "valid" || text == "val";
}

/// Collects the values of one column.
class Sampler {
 public:
  explicit Sampler(const TableColumn& column) {
    profile_.name = column.name, profile_.type = column.type, profile_.key = key_of(column.name);
  }

  void add(const std::string& text) {
    if (is_missing_text(text)) {
      ++profile_.missing;
      return;
    }
    ++profile_.cells;
    seen_.insert(text);
    if (profile_.examples.size() < 3) profile_.examples.push_back(text);
    const auto amount = parse_amount(text);
    numbers_ += amount.has_value();
    integers_ += amount && *amount % 10'000 == 0;
    negative_ += amount && *amount < 0;
    times_ += text.size() >= 8 && text.find_first_of("-:") != std::string::npos && parse_time(text).has_value();
    splits_ += is_split_name(text);
  }

  ColumnProfile finish() {
    const double cells = static_cast<double>(std::max<std::int64_t>(1, profile_.cells));
    profile_.distinct = static_cast<std::int64_t>(seen_.size());
    profile_.numbers = static_cast<double>(numbers_) / cells;
    profile_.integers = static_cast<double>(integers_) / cells;
    profile_.negative = static_cast<double>(negative_) / cells;
    profile_.times = static_cast<double>(times_) / cells;
    profile_.splits = static_cast<double>(splits_) / cells;
    return profile_;
  }

 private:
  ColumnProfile profile_;
  std::set<std::string> seen_;
  std::int64_t numbers_ = 0, integers_ = 0, negative_ = 0, times_ = 0, splits_ = 0;
};

std::string text_of(const arrow::Array& array, std::int64_t row) {
  if (array.IsNull(row)) return "";
  if (array.type_id() == arrow::Type::BINARY) return static_cast<const arrow::BinaryArray&>(array).GetString(row);
  if (array.type_id() == arrow::Type::BINARY_VIEW)
    return static_cast<const arrow::BinaryViewArray&>(array).GetString(row);
  const auto scalar = array.GetScalar(row);
  return scalar.ok() ? (*scalar)->ToString() : "";
}

/// The names of a file's columns; none when it cannot be read and that does not matter.
std::vector<std::string> names_of(const FoundFile& file, bool may_fail) {
  std::vector<std::string> names;
  try {
    const auto reader = open_table(file.path, "auto");
    for (const TableColumn& column : reader->columns()) names.push_back(column.name);
  } catch (const DataError&) {
    if (!may_fail) throw;
  }
  return names;
}

void read_sample(TableProfile& table) {
  BadRows bad(kSampleRows, "");
  const auto reader = open_table(table.files.front().path, "auto");
  std::vector<Sampler> samplers;
  std::vector<std::string> names;
  for (const TableColumn& column : reader->columns()) {
    const bool nested = column.type.find('<') != std::string::npos && !column.type.starts_with("dictionary");
    if (nested || std::find(names.begin(), names.end(), column.name) != names.end()) continue;
    samplers.emplace_back(column);
    names.push_back(column.name);
  }
  reader->select(names);
  while (table.rows < kSampleRows) {
    const auto batch = reader->next();
    for (const BadRow& row : reader->take_broken()) bad.add(row);
    if (batch == nullptr) break;
    const std::int64_t rows = std::min(batch->num_rows(), kSampleRows - table.rows);
    for (std::size_t c = 0; c < names.size(); ++c) {
      const auto column = batch->GetColumnByName(names[c]);
      for (std::int64_t row = 0; row < rows; ++row) samplers[c].add(text_of(*column, row));
    }
    table.rows += rows;
  }
  for (Sampler& sampler : samplers) table.columns.push_back(sampler.finish());
  for (const auto& [name, value] : table.files.front().partitions) {
    Sampler partition({name, "text"});
    partition.add(value);
    table.columns.push_back(partition.finish());
  }
}

/// False when the table cannot be read and that does not matter: folders hold notes and the like beside tables.
bool sample(TableProfile& table, bool may_fail) {
  try {
    read_sample(table);
    return true;
  } catch (const DataError&) {
    if (!may_fail) throw;
    return false;
  }
}

}  // namespace

std::vector<TableProfile> profile_tables(const std::vector<FoundFile>& files) {
  std::vector<TableProfile> tables;
  std::map<std::vector<std::string>, std::size_t> table_of;
  for (const FoundFile& file : files) {
    const std::vector<std::string> names = names_of(file, files.size() > 1);
    if (names.empty()) continue;
    const auto [place, is_new] = table_of.try_emplace(names, tables.size());
    if (is_new) tables.emplace_back();
    tables[place->second].files.push_back(file);
  }
  std::erase_if(tables, [&](TableProfile& table) { return !sample(table, tables.size() > 1); });
  return tables;
}

}  // namespace nextbest
