#include "host/ingest/read_catalogue.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "host/ingest/discover.hpp"
#include "host/ingest/table_scan.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

class CatalogueReader {
 public:
  CatalogueReader(const Job& job, BadRows& bad)
      : job_(job), bad_(bad), mapping_(job.items.columns), known_(item_columns()) {
    raw_.given = true;
    for (std::size_t level = 0; level < job.items.category.size(); ++level) {
      mapping_[level_key(level)] = job.items.category[level];
      known_.push_back(level_key(level));
    }
    if (job.items.category.empty()) known_.push_back("category");
  }

  /// Returns the rows of the file.
  std::int64_t read_file(const FoundFile& file) {
    TableScan scan(file, job_.items.format, bad_);
    scan.map(mapping_, known_, "input.items");
    paths_.push_back(file.path);
    if (raw_.category_columns.empty()) {
      raw_.category_columns = job_.items.category;
      if (job_.items.category.empty() && scan.has("category")) raw_.category_columns = {scan.yours("category")};
      raw_.category.resize(raw_.category_columns.size());
    }
    while (scan.next()) {
      throw_if_interrupted();
      std::vector<Offset> codes;
      scan.read("item_id", [&](const Cells& c, const OnBadCell& bad) { read_ids(c, false, raw_.ids, codes, bad); });
      read_columns(scan);
      add_ids(file, scan, codes);
    }
    return scan.rows();
  }

  RawCatalogue take() { return std::move(raw_); }

 private:
  struct Place {
    std::size_t file;
    std::int64_t row;  ///< of the file
  };

  static std::string level_key(std::size_t level) { return fmt::format("category {}", level + 1); }

  /// Appends one column of the batch, all of its rows; bad ones are never looked up.
  template <typename T, typename Read>
  void column(TableScan& scan, const std::string& ours, const T& missing, std::vector<T>& out, const Read& read) {
    const auto before = static_cast<std::size_t>(rows_);
    if (!scan.has(ours) && out.empty()) return;
    out.resize(before, missing);
    scan.read(ours, [&](const Cells& cells, const OnBadCell& bad) { read(cells, out, bad); });
    out.resize(before + static_cast<std::size_t>(scan.batch_rows()), missing);
  }

  void read_columns(TableScan& scan) {
    const auto texts = [](const Cells& c, std::vector<std::string>& out, const OnBadCell&) { read_texts(c, out); };
    const auto amounts = [](const Cells& c, std::vector<std::int64_t>& out, const OnBadCell& bad) {
      read_amounts(c, true, out, bad);
    };
    const auto times = [&](const Cells& c, std::vector<Micros>& out, const OnBadCell& bad) {
      read_times(c, job_.time_zone, true, out, bad);
    };
    for (std::size_t level = 0; level < raw_.category.size(); ++level) {
      const std::string key = job_.items.category.empty() ? "category" : level_key(level);
      column(scan, key, std::string(), raw_.category[level], texts);
    }
    column(scan, "brand", std::string(), raw_.brand, texts);
    column(scan, "family", std::string(), raw_.family, texts);
    column(scan, "size", std::string(), raw_.size, texts);
    column(scan, "name", std::string(), raw_.name, texts);
    column(scan, "price", kNoValue, raw_.price, amounts);
    column(scan, "cost", kNoValue, raw_.cost, amounts);
    column(scan, "stock", kNoValue, raw_.stock, amounts);
    column(scan, "launched_at", kNoTime, raw_.launched_at, times);
    column(scan, "discontinued_at", kNoTime, raw_.discontinued_at, times);
  }

  void add_ids(const FoundFile& file, TableScan& scan, const std::vector<Offset>& codes) {
    raw_.row_of_id.resize(static_cast<std::size_t>(raw_.ids.size()), -1);
    const std::int64_t first = scan.rows() - scan.batch_rows();
    for (std::int64_t row = 0; row < scan.batch_rows(); ++row) {
      places_.push_back({paths_.size() - 1, first + row});
      if (scan.is_bad(row)) continue;
      Offset& place = raw_.row_of_id[codes[row]];
      if (place >= 0) fail_duplicate(scan, file, codes[row], first + row, places_[place]);
      place = rows_ + row;
    }
    rows_ += scan.batch_rows();
  }

  [[noreturn]] void fail_duplicate(TableScan& scan, const FoundFile& file, Offset code, std::int64_t row,
                                   const Place& before) {
    const std::string again = scan.place(row);
    const std::string where = before.file + 1 == paths_.size() ? scan.place(before.row) : paths_[before.file];
    throw DataError(
        fmt::format("{}: {}, column \"{}\", value \"{}\": the catalogue has this id already ({}); keep one row "
                    "per item",
                    file.path, again, scan.yours("item_id"), printable(raw_.ids.text(code)), where));
  }

  const Job& job_;
  BadRows& bad_;
  std::map<std::string, std::string> mapping_;
  std::vector<std::string> known_;
  Offset rows_ = 0;
  std::vector<std::string> paths_;
  std::vector<Place> places_;  ///< [rows]
  RawCatalogue raw_;
};

/// The texts of the items as codes of a sorted list of names.
Categorical categorical(const std::vector<std::string>& texts, const std::vector<Offset>& row_of_item) {
  Categorical column;
  for (const Offset row : row_of_item) {
    if (row >= 0 && !texts[row].empty()) column.names.push_back(texts[row]);
  }
  std::sort(column.names.begin(), column.names.end());
  column.names.erase(std::unique(column.names.begin(), column.names.end()), column.names.end());
  for (const Offset row : row_of_item) {
    const bool known = row >= 0 && !texts[row].empty();
    const auto name =
        known ? std::lower_bound(column.names.begin(), column.names.end(), texts[row]) : column.names.end();
    column.code.push_back(known ? static_cast<Code>(name - column.names.begin()) : kNoCode);
  }
  return column;
}

template <typename T>
std::vector<T> pick(const std::vector<T>& values, const std::vector<Offset>& row_of_item, const T& missing) {
  std::vector<T> picked;
  for (const Offset row : row_of_item) {
    if (values.empty()) break;
    picked.push_back(row < 0 ? missing : values[row]);
  }
  return picked;
}

Offset row_of(const RawCatalogue& catalogue, const RawLines& lines, Offset ascending_code) {
  const Offset id = catalogue.ids.find(lines.items, lines.item_order.ascending[ascending_code]);
  return id < 0 ? -1 : catalogue.row_of_id[id];
}

}  // namespace

RawCatalogue read_catalogue(const Job& job, std::vector<InputFile>& inputs, BadRows& bad, Reporter& reporter) {
  if (job.items.path.empty()) return {};
  const std::vector<FoundFile> files = find_files(job.items.path, "[input.items] path");
  CatalogueReader reader(job, bad);
  for (std::size_t i = 0; i < files.size(); ++i) {
    InputFile& input = inputs[inputs.size() - files.size() + i];
    input.rows = reader.read_file(files[i]);
    reporter.progress(static_cast<std::int64_t>(i) + 1, static_cast<std::int64_t>(files.size()), "catalogue files");
  }
  RawCatalogue catalogue = reader.take();
  if (catalogue.ids.size() == 0) throw DataError(files.front().path + ": the catalogue has no row under its header");
  return catalogue;
}

Catalogue fit_catalogue(const RawCatalogue& raw, const RawLines& lines, const std::vector<Offset>& item_of) {
  Catalogue catalogue;
  std::vector<Offset> row(item_of.size(), -1);
  for (std::size_t item = 0; item < item_of.size() && raw.given; ++item) row[item] = row_of(raw, lines, item_of[item]);
  catalogue.category_columns = raw.category_columns;
  for (const auto& level : raw.category) catalogue.category.push_back(categorical(level, row));
  if (!raw.brand.empty()) catalogue.brand = categorical(raw.brand, row);
  if (!raw.family.empty()) catalogue.family = categorical(raw.family, row);
  if (!raw.size.empty()) catalogue.size = categorical(raw.size, row);
  catalogue.name = pick(raw.name, row, std::string());
  catalogue.price = pick(raw.price, row, kNoValue);
  catalogue.cost = pick(raw.cost, row, kNoValue);
  catalogue.stock = pick(raw.stock, row, kNoValue);
  for (std::int64_t& pieces : catalogue.stock) pieces = pieces == kNoValue ? kNoValue : pieces / kUnit;
  catalogue.launched_at = pick(raw.launched_at, row, kNoTime);
  catalogue.discontinued_at = pick(raw.discontinued_at, row, kNoTime);
  const bool named =
      std::any_of(lines.item_names.begin(), lines.item_names.end(), [](const auto& n) { return !n.empty(); });
  if (named) catalogue.name.resize(item_of.size());
  for (std::size_t item = 0; item < item_of.size() && named; ++item) {
    if (catalogue.name[item].empty()) catalogue.name[item] = lines.item_names[item_of[item]];
  }
  return catalogue;
}

std::vector<std::uint8_t> joined_items(const RawCatalogue& catalogue, const RawLines& raw) {
  std::vector<std::uint8_t> joined(static_cast<std::size_t>(catalogue.given ? raw.items.size() : 0));
  for (std::size_t code = 0; code < joined.size(); ++code)
    joined[code] = row_of(catalogue, raw, static_cast<Offset>(code)) >= 0;
  return joined;
}

}  // namespace nextbest
