#include "host/store/catalogue_h5.hpp"

#include <string>

namespace nextbest::h5 {
namespace {

/// One optional numeric column: its name in the file and where it lies.
struct NumericColumn {
  const char* name;
  const char* unit;
  std::vector<std::int64_t> Catalogue::*values;
};
constexpr NumericColumn kNumeric[] = {
    {"price", "1/10000", &Catalogue::price},
    {"cost", "1/10000", &Catalogue::cost},
    {"stock", "pieces", &Catalogue::stock},
    {"launched_at", "microseconds since 1970-01-01 UTC", &Catalogue::launched_at},
    {"discontinued_at", "microseconds since 1970-01-01 UTC", &Catalogue::discontinued_at}};

struct NamedCategorical {
  const char* name;
  Categorical Catalogue::*values;
};
constexpr NamedCategorical kNamed[] = {
    {"brand", &Catalogue::brand}, {"family", &Catalogue::family}, {"size", &Catalogue::size}};

std::string category_name(std::size_t level) {
  return "category_" + std::to_string(level + 1);
}

void write_categorical(Writer& out, const std::string& path, const Categorical& column) {
  out.group(path, "categorical", "0.2.0");
  out.attribute(path, "ordered", std::int64_t{0});
  out.strings(path + "/categories", static_cast<Offset>(column.names.size()),
              [&](Offset i) -> std::string_view { return column.names[static_cast<std::size_t>(i)]; });
  out.array<Code>(path + "/codes", column.code, Packing::kDeflate);
}

Categorical read_categorical(const Reader& in, const std::string& path) {
  return {in.strings(path + "/categories"), in.array<Code>(path + "/codes")};
}

}  // namespace

void write_items(Writer& out, const Dictionary& items, const Catalogue& catalogue) {
  out.group("items", "dataframe", "0.2.0");
  out.dictionary("items/id", items);
  std::vector<std::string> columns;
  if (!catalogue.name.empty()) {
    columns.emplace_back("name");
    out.strings("items/name", items.size(),
                [&](Offset i) -> std::string_view { return catalogue.name[static_cast<std::size_t>(i)]; });
  }
  for (std::size_t level = 0; level < catalogue.category.size(); ++level) {
    columns.push_back(category_name(level));
    write_categorical(out, "items/" + columns.back(), catalogue.category[level]);
    out.attribute("items/" + columns.back(), "column", catalogue.category_columns[level]);
  }
  for (const NamedCategorical& named : kNamed) {
    const Categorical& column = catalogue.*named.values;
    if (column.code.empty()) continue;
    columns.emplace_back(named.name);
    write_categorical(out, "items/" + columns.back(), column);
  }
  for (const NumericColumn& numeric : kNumeric) {
    const std::vector<std::int64_t>& values = catalogue.*numeric.values;
    if (values.empty()) continue;
    columns.emplace_back(numeric.name);
    out.array<std::int64_t>("items/" + columns.back(), values, Packing::kDeflate);
    out.attribute("items/" + columns.back(), "unit", std::string(numeric.unit));
    out.attribute("items/" + columns.back(), "missing", kNoValue);
  }
  out.attribute("items", "_index", std::string("id"));
  out.attribute("items", "column-order", columns);
}

Catalogue read_catalogue(const Reader& in) {
  Catalogue catalogue;
  if (in.has("items/name")) catalogue.name = in.strings("items/name");
  for (std::size_t level = 0; in.has("items/" + category_name(level)); ++level) {
    const std::string path = "items/" + category_name(level);
    catalogue.category_columns.push_back(in.text_attribute(path, "column"));
    catalogue.category.push_back(read_categorical(in, path));
  }
  for (const NamedCategorical& named : kNamed) {
    const std::string path = std::string("items/") + named.name;
    if (in.has(path)) catalogue.*named.values = read_categorical(in, path);
  }
  for (const NumericColumn& numeric : kNumeric) {
    const std::string path = std::string("items/") + numeric.name;
    if (in.has(path)) catalogue.*numeric.values = in.array<std::int64_t>(path);
  }
  return catalogue;
}

}  // namespace nextbest::h5
