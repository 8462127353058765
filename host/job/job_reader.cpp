#include "host/job/job_reader.hpp"

#include <cmath>
#include <limits>
#include <sstream>

#include "kernels/core/error.hpp"
#include "kernels/core/nearest.hpp"

namespace nextbest {
namespace {

const char* type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

}  // namespace

std::string place_of(const toml::node& node) {
  const toml::source_region& source = node.source();
  const std::string file = source.path ? *source.path : "job file";
  if (file.starts_with("--set") || source.begin.line == 0) return file;
  return file + ":" + std::to_string(source.begin.line);
}

JobReader::JobReader(const toml::table& root) {
  levels_.push_back({&root, "", {"schema_version"}});
}

std::string JobReader::path_of(const char* name) const {
  return levels_.back().path.empty() ? name : levels_.back().path + "." + name;
}

std::string JobReader::place(const std::string& path) const {
  const auto found = places_.find(path);
  return found == places_.end() ? "" : found->second;
}

void JobReader::fail(const toml::node& node, const char* name, const std::string& what) const {
  throw UsageError(place_of(node) + ": " + path_of(name) + ": " + what);
}

void JobReader::wrong_type(const toml::node& node, const char* name, const std::string& wanted) const {
  fail(node, name, "must be " + wanted + ", not " + type_name(node));
}

const toml::node* JobReader::take(const char* name) {
  Level& level = levels_.back();
  level.known.emplace_back(name);
  const toml::node* node = level.table ? level.table->get(name) : nullptr;
  if (node) places_[path_of(name)] = place_of(*node);
  return node;
}

void JobReader::open(const char* section) {
  const toml::node* node = take(section);
  if (node && !node->is_table()) wrong_type(*node, section, "a table");
  levels_.push_back({node ? node->as_table() : nullptr, path_of(section), {}});
}

void JobReader::close() {
  const Level level = levels_.back();
  levels_.pop_back();
  if (!level.table) return;
  for (const auto& [key, node] : *level.table) {
    const std::string name(key.str());
    if (std::find(level.known.begin(), level.known.end(), name) != level.known.end()) continue;
    const std::string path = level.path.empty() ? name : level.path + "." + name;
    throw UsageError(place_of(node) + ": unknown key \"" + path + "\"; did you mean \"" + nearest(name, level.known) +
                     "\"? Known here: " + quoted_list(level.known));
  }
}

void JobReader::finish() {
  close();
}

std::size_t JobReader::entries(const char* name, std::size_t) {
  const toml::node* node = take(name);
  if (!node) return 0;
  const toml::array* list = node->as_array();
  if (!list) wrong_type(*node, name, std::string("a list of tables, written [[") + name + "]]");
  return list->size();
}

void JobReader::open_entry(const char* name, std::size_t index) {
  const toml::node& node = *levels_.back().table->get(name)->as_array()->get(index);
  if (!node.is_table()) wrong_type(node, name, "a table");
  levels_.push_back({node.as_table(), path_of(name), {}});
}

std::string JobReader::text(const toml::node& node, const char* name, bool integers_too) const {
  if (integers_too && node.is_integer()) return std::to_string(node.as_integer()->get());
  if (!node.is_string()) wrong_type(node, name, "a string");
  return node.as_string()->get();
}

std::int64_t JobReader::integer(const toml::node& node, const char* name, std::int64_t low, std::int64_t high) const {
  if (!node.is_integer()) wrong_type(node, name, "an integer");
  const std::int64_t value = node.as_integer()->get();
  if (value < low || value > high)
    fail(node, name, std::to_string(value) + " is not between " + std::to_string(low) + " and " + std::to_string(high));
  return value;
}

void JobReader::value(const char* name, JobValue to, Written how) {
  if (const toml::node* node = take(name)) std::visit([&](auto* into) { read(*node, name, *into, how); }, to);
}

void JobReader::read(const toml::node& node, const char* name, std::string& value, Written how) const {
  std::ostringstream out;
  if (how == Written::kAsMoment && node.is_date()) {
    out << node.as_date()->get();
  } else if (how == Written::kAsMoment && node.is_date_time()) {
    out << node.as_date_time()->get();
  } else if (how == Written::kAsMoment && !node.is_string()) {
    wrong_type(node, name, "\"auto\", a date or a timestamp");
  } else {
    out << text(node, name, false);
  }
  value = out.str();
}

void JobReader::read(const toml::node& node, const char* name, bool& value, Written) const {
  if (!node.is_boolean()) wrong_type(node, name, "true or false");
  value = node.as_boolean()->get();
}

void JobReader::read(const toml::node& node, const char* name, int& value, Written) const {
  constexpr int kHigh = std::numeric_limits<int>::max();
  value = static_cast<int>(integer(node, name, -kHigh, kHigh));
}

void JobReader::read(const toml::node& node, const char* name, std::int64_t& value, Written) const {
  constexpr std::int64_t kHigh = std::numeric_limits<std::int64_t>::max();
  value = integer(node, name, -kHigh, kHigh);
}

void JobReader::read(const toml::node& node, const char* name, std::uint64_t& value, Written) const {
  value = static_cast<std::uint64_t>(integer(node, name, 0, std::numeric_limits<std::int64_t>::max()));
}

void JobReader::read(const toml::node& node, const char* name, double& value, Written) const {
  if (!node.is_number()) wrong_type(node, name, "a number");
  value = *node.value<double>();
  if (!std::isfinite(value)) fail(node, name, "must be a finite number");
}

void JobReader::read(const toml::node& node, const char* name, std::vector<int>& value, Written) const {
  if (!node.is_array()) wrong_type(node, name, "a list of integers");
  value.clear();
  for (const toml::node& entry : *node.as_array())
    value.push_back(static_cast<int>(integer(entry, name, 0, std::numeric_limits<int>::max())));
}

void JobReader::read(const toml::node& node, const char* name, std::vector<std::string>& value, Written how) const {
  value.clear();
  const bool single_too = how == Written::kOneOrMore;
  if (single_too && node.is_string()) {
    value.push_back(node.as_string()->get());
    return;
  }
  if (!node.is_array()) wrong_type(node, name, single_too ? "a string or a list of strings" : "a list of strings");
  for (const toml::node& entry : *node.as_array()) value.push_back(text(entry, name, how == Written::kAsIds));
}

void JobReader::choice(const char* name, std::size_t& value, std::span<const std::string> names) {
  const toml::node* node = take(name);
  if (!node) {
    if (value >= names.size())
      throw UsageError(place_of(*levels_.back().table) + ": " + path_of(name) + ": is missing; one of " +
                       quoted_list(names));
    return;
  }
  const std::string chosen = text(*node, name, false);
  value = static_cast<std::size_t>(std::find(names.begin(), names.end(), chosen) - names.begin());
  if (value == names.size())
    fail(*node, name,
         "\"" + chosen + "\" is not known; did you mean \"" + nearest(chosen, names) +
             "\"? Allowed: " + quoted_list(names));
}

void JobReader::refuse(const char* name, const std::string& why) {
  if (const toml::node* node = take(name)) fail(*node, name, why);
}

void JobReader::columns(std::map<std::string, std::string>& value, std::span<const std::string> known) {
  for (const std::string& name : known)
    if (const toml::node* node = take(name.c_str())) value[name] = text(*node, name.c_str(), false);
}

}  // namespace nextbest
