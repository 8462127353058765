#include "host/ingest/guess.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "host/ingest/discover.hpp"
#include "host/ingest/glob.hpp"
#include "host/ingest/guess_roles.hpp"
#include "host/ingest/guess_rules.hpp"
#include "host/ingest/table_profile.hpp"
#include "kernels/core/error.hpp"
#include "kernels/core/nearest.hpp"

namespace nextbest {
namespace {

std::string toml_text(std::string_view text) {
  std::string result = "\"";
  for (const unsigned char c : text) {
    if (c == '"' || c == '\\')
      result += fmt::format("\\{}", static_cast<char>(c));
    else if (c < 0x20 || c == 0x7f)
      result += fmt::format("\\u{:04x}", c);
    else
      result += static_cast<char>(c);
  }
  return result + '"';
}

std::string toml_array(const std::vector<std::string>& texts) {
  std::string result = "[";
  for (const std::string& text : texts) result += (result.size() > 1 ? ", " : "") + toml_text(text);
  return result + "]";
}

/// What the job file calls the files of a table: the user's own words where they name just these files.
std::string path_value(const TableProfile& table, const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  for (const FoundFile& file : table.files) names.push_back(file.path);
  for (const std::string& entry : paths) {
    std::vector<std::string> found;
    for (const FoundFile& file : find_files({entry}, "init")) found.push_back(file.path);
    if (found == names) return toml_text(entry);
  }
  const std::filesystem::path folder = std::filesystem::path(names.front()).parent_path();
  const std::string extension = std::filesystem::path(names.front()).extension().string();
  const std::string pattern = (folder / ("*" + extension)).string();
  if (names.size() > 5 && glob_files(pattern) == names) return toml_text(pattern);
  return names.size() == 1 ? toml_text(names.front()) : toml_array(names);
}

struct Guess {
  const TableProfile* orders_table = nullptr;
  GuessedOrders orders;
  const TableProfile* items_table = nullptr;
  GuessedItems items;
  GuessedRules rules;
};

std::string describe(const std::vector<TableProfile>& tables) {
  std::string text;
  for (const TableProfile& table : tables) {
    std::vector<std::string> names;
    for (const ColumnProfile& column : table.columns) names.push_back(column.name);
    text += fmt::format("\n  {}: {}", table.files.front().path, quoted_list(names));
  }
  return text;
}

Guess guess_tables(const std::vector<TableProfile>& tables) {
  Guess guess;
  for (const TableProfile& table : tables) {
    GuessedOrders orders = guess_orders(table);
    if (orders.score <= guess.orders.score) continue;
    guess.orders = std::move(orders);
    guess.orders_table = &table;
  }
  if (guess.orders_table == nullptr) {
    throw DataError(
        "no table with an item and an order or a customer was recognised; name the columns in "
        "[input.orders.columns] of a job file by hand. Seen (a first line that holds data and no names is "
        "not understood):" +
        describe(tables));
  }
  for (const TableProfile& table : tables) {
    if (&table == guess.orders_table) continue;
    GuessedItems items = guess_items(table, guess.orders.columns.at("item_id"));
    if (items.score <= guess.items.score) continue;
    guess.items = std::move(items);
    guess.items_table = &table;
  }
  guess.rules = guess_rules(guess.orders_table->files, guess.orders.columns);
  return guess;
}

std::string columns_text(const TableProfile& table, const std::map<std::string, std::string>& columns,
                         const std::vector<std::string>& order) {
  std::string text;
  for (const std::string& ours : order) {
    const auto mapped = columns.find(ours);
    if (mapped == columns.end()) continue;
    const auto column = std::find_if(table.columns.begin(), table.columns.end(),
                                     [&](const auto& c) { return c.name == mapped->second; });
    const std::string type = column->type == "text" ? "" : column->type + ", ";
    const std::string example =
        ours == "customer_id" || column->examples.empty() ? "" : "such as " + column->examples.front();
    std::string comment = type + example;
    if (comment.ends_with(", ")) comment.resize(comment.size() - 2);
    std::replace_if(
        comment.begin(), comment.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    text += fmt::format("{} = {}{}\n", ours, toml_text(mapped->second), comment.empty() ? "" : "  # " + comment);
  }
  return text;
}

std::string orders_text(const Guess& guess, const std::vector<std::string>& paths) {
  std::string text = "[input.orders]\npath = " + path_value(*guess.orders_table, paths) +
                     "\n\n[input.orders.columns]  # ours = \"yours\"\n";
  text += columns_text(*guess.orders_table, guess.orders.columns,
                       {"order_id", "customer_id", "item_id", "ordered_at", "quantity", "unit_price", "line_value",
                        "returned_quantity", "item_name", "split"});
  const auto missing = [&](const char* ours, const char* what) {
    if (!guess.orders.columns.contains(ours)) text += fmt::format("# {} = \"...\"  # {}\n", ours, what);
  };
  const bool timed = guess.orders.columns.contains("ordered_at");
  missing("order_id", timed ? "none found: the lines of one customer on one day are one order"
                            : "none found: the history of one customer is one unit");
  missing("customer_id", "none found: pairs are learned, lists for customers are not");
  missing("ordered_at", "none found: nothing that needs time is learned");
  for (const std::string& note : guess.orders.notes) text += "# " + note + "\n";
  return text + "\n";
}

std::string items_text(const Guess& guess, const std::vector<std::string>& paths) {
  if (guess.items_table == nullptr) {
    return "# [input.items]  # a catalogue (names, categories, brands, prices, costs); none was found\n# path = "
           "\"items.parquet\"\n\n";
  }
  std::string text = "[input.items]\npath = " + path_value(*guess.items_table, paths) + "\n\n[input.items.columns]\n";
  text += columns_text(
      *guess.items_table, guess.items.columns,
      {"item_id", "name", "brand", "family", "size", "price", "cost", "stock", "launched_at", "discontinued_at"});
  if (!guess.items.category.empty())
    text += fmt::format("category = {}  # broadest first\n", toml_array(guess.items.category));
  return text + "\n";
}

std::string rules_text(const GuessedRules& rules) {
  std::string text =
      fmt::format("[clean]  # guessed from {} lines; what each rule does stands in data_quality.json\n", rules.lines);
  text += fmt::format(
      "returns = \"net\"  # net (a return cancels the earlier line) | drop | keep; {} lines have a negative quantity\n",
      rules.negative_quantities);
  if (!rules.cancelled_order_prefix.empty()) {
    text += fmt::format("cancelled_order_prefix = {}  # {} lines; nearly all of them negative\n",
                        toml_text(rules.cancelled_order_prefix), rules.cancelled_lines);
  }
  if (!rules.not_products.empty()) {
    text += fmt::format("not_products = {}  # unlike the other ids: please check\n", toml_array(rules.not_products));
  }
  text += "duplicates = \"merge\"  # same order and item: merge | first | error\n";
  if (rules.orders_in_several_files > 0) {
    text += fmt::format("repeated_orders = \"first_file\"  # {} orders stand in more than one file\n",
                        rules.orders_in_several_files);
  }
  return text;
}

/// A name for the job: the folder of the orders, or their file.
std::string job_name(const TableProfile& orders) {
  const std::filesystem::path path(orders.files.front().path);
  std::string name = orders.files.size() > 1 ? path.parent_path().filename().string() : path.filename().string();
  name = name.substr(0, name.find('.'));
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name.empty() ? "nextbest" : name;
}

}  // namespace

std::string guess_job_file(const std::vector<std::string>& paths) {
  const std::vector<TableProfile> tables = profile_tables(find_files(paths, "init"));
  const Guess guess = guess_tables(tables);
  std::string text =
      "# Written by `nextbest init` from what the files look like. Check the mapping, then: nextbest run <this file>\n"
      "# Every key that is not here has a default.\nschema_version = 1\n\n[job]\n";
  text += fmt::format("name = {}\nout_dir = {}\n", toml_text(job_name(*guess.orders_table)),
                      toml_text("out/" + job_name(*guess.orders_table)));
  if (guess.orders.columns.contains("ordered_at")) {
    text += "# time_zone = \"Europe/Berlin\"  # of times without a zone, and where days begin; UTC when not given\n";
  }
  return text + "\n" + orders_text(guess, paths) + items_text(guess, paths) + rules_text(guess.rules);
}

}  // namespace nextbest
