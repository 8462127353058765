#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>
#include <toml++/toml.h>

#include "host/job/job.hpp"
#include "host/job/job_reader.hpp"
#include "host/job/job_writer.hpp"
#include "kernels/core/error.hpp"
#include "kernels/core/nearest.hpp"

namespace nextbest {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;

toml::table parse_toml(const std::string& text, const std::string& file) {
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    throw UsageError(file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) +
                     ": not valid TOML: " + std::string(error.description()));
  }
}

std::string read_text(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) throw UsageError(path + ": is a directory, not a job file");
  std::ifstream in(path, std::ios::binary);
  if (!in)
    throw UsageError(path + ": cannot open the job file; `nextbest init PATH...` writes one for your order files");
  std::string text(kLargestFile + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kLargestFile) throw UsageError(path + ": larger than 1 MiB, so not a job file");
  return text;
}

/// Moves every value of `from` over `into`, tables key by key. Moving keeps the places for messages.
void overlay(toml::table& into, toml::table&& from) {
  for (auto&& [key, node] : from) {
    toml::node* old = into.get(key.str());
    if (old && old->is_table() && node.is_table()) {
      overlay(*old->as_table(), std::move(*node.as_table()));
    } else {
      std::move(node).visit(
          [&, &key = key](auto&& value) { into.insert_or_assign(key, std::forward<decltype(value)>(value)); });
    }
  }
}

/// "section.key=value" as a table with that one key. A value that is no TOML is a string.
toml::table parse_setting(const std::string& setting) {
  const std::string name = "--set " + setting;
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos || equals == 0 || setting.find('.') > equals)
    throw UsageError(name + ": write --set section.key=value, e.g. --set pairs.min_orders=5");
  const std::string path = setting.substr(0, equals), value = setting.substr(equals + 1);
  try {
    return toml::parse(path + " = " + value, name);
  } catch (const toml::parse_error&) {
    std::string bare;
    for (const char c : value) bare += (c == '"' || c == '\\') ? std::string("\\") + c : std::string(1, c);
    return parse_toml(path + " = \"" + bare + "\"", name);
  }
}

std::string with_variables(const std::string& text, const std::string& place) {
  std::string out;
  std::size_t at = 0;
  for (std::size_t open; (open = text.find("${", at)) != std::string::npos;) {
    const std::size_t end = text.find('}', open);
    if (end == std::string::npos) throw UsageError(place + ": \"" + text + "\": ${ without }");
    const std::string name = text.substr(open + 2, end - open - 2);
    const char* value = std::getenv(name.c_str());
    if (!value) throw UsageError(place + ": the environment variable " + name + " in \"" + text + "\" is not set");
    out += text.substr(at, open - at) + value;
    at = end + 1;
  }
  return out + text.substr(at);
}

void replace_variables(toml::node& node) {
  if (toml::table* table = node.as_table()) {
    for (auto&& [key, value] : *table) replace_variables(value);
  } else if (toml::array* list = node.as_array()) {
    for (toml::node& value : *list) replace_variables(value);
  } else if (auto* text = node.as_string()) {
    text->get() = with_variables(text->get(), place_of(node));
  }
}

void check_schema_version(const toml::table& root) {
  const toml::node* node = root.get("schema_version");
  if (!node) return;
  if (!node->is_integer()) throw UsageError(place_of(*node) + ": schema_version: must be an integer");
  const std::int64_t version = node->as_integer()->get();
  if (version > kJobSchemaVersion)
    throw UsageError(place_of(*node) + ": schema_version " + std::to_string(version) +
                     " is newer than this program, which reads up to " + std::to_string(kJobSchemaVersion) +
                     "; install a newer nextbest");
  if (version < 1) throw UsageError(place_of(*node) + ": schema_version: must be at least 1");
}

/// The parameters that `tune` found, without its own section `[tuned]`.
toml::table read_tuned(const std::string& path, std::string& fingerprint) {
  toml::table tuned = parse_toml(read_text(path), path);
  check_schema_version(tuned);
  if (const toml::table* about = tuned["tuned"].as_table())
    fingerprint = (*about)["fingerprint"].value_or(std::string());
  tuned.erase("tuned");
  tuned.erase("schema_version");
  const std::vector<std::string> allowed = {"pairs", "embeddings", "recommend"};
  for (auto&& [key, node] : tuned)
    if (std::find(allowed.begin(), allowed.end(), std::string(key.str())) == allowed.end())
      throw UsageError(place_of(node) + ": \"" + std::string(key.str()) +
                       "\" cannot be tuned; only [pairs], [embeddings] and [recommend] can");
  return tuned;
}

std::string written(const Job& job) {
  JobWriter writer;
  Job copy = job;
  visit_keys(writer, copy);
  std::string text = "schema_version = " + std::to_string(kJobSchemaVersion) + "\n";
  for (const auto& [section, lines] : writer.sections())
    if (!lines.empty()) text += "\n" + lines;
  return text;
}

/// A message that begins with a key gets the place of that key.
[[noreturn]] void throw_with_place(const UsageError& error, const JobReader& reader, const std::string& file) {
  const std::string message = error.what();
  const std::string place = reader.place(message.substr(0, message.find(':')));
  throw UsageError((place.empty() ? file : place) + ": " + message);
}

Job read_table(toml::table& root, const std::string& file) {
  check_schema_version(root);
  replace_variables(root);
  Job job;
  job.file = file;
  JobReader reader(root);
  visit_keys(reader, job);
  reader.finish();
  job.pairs.max_basket_lines = job.check.max_basket_lines;
  job.pairs.min_customers_per_pair = job.check.min_customers_per_pair;
  job.pairs.seed = job.embeddings.seed = job.seed;
  try {
    check_ranges(job);
  } catch (const UsageError& error) {
    throw_with_place(error, reader, file);
  }
  for (const char* section : {"offers", "surface"})
    if (reader.given(section)) job.unused_sections.emplace_back(section);
  job.resolved_toml = written(job);
  return job;
}

}  // namespace

Job parse_job(const std::string& text, const std::string& file, const std::vector<std::string>& set) {
  toml::table root = parse_toml(text, file);
  for (const std::string& setting : set) overlay(root, parse_setting(setting));
  return read_table(root, file);
}

Job read_job(const std::string& path, const std::vector<std::string>& set, TunedFile wanted) {
  toml::table root = parse_toml(read_text(path), path);
  const std::filesystem::path file(path);
  const std::string tuned = (file.parent_path() / (file.stem().string() + ".tuned.toml")).string();
  std::string fingerprint;
  const bool has_tuned =
      wanted == TunedFile::kOverlay && std::filesystem::exists(tuned) && !path.ends_with(".tuned.toml");
  if (has_tuned) overlay(root, read_tuned(tuned, fingerprint));
  for (const std::string& setting : set) overlay(root, parse_setting(setting));
  Job job = read_table(root, path);
  if (has_tuned) {
    job.tuned_file = tuned;
    job.tuned_fingerprint = fingerprint;
  }
  return job;
}

nlohmann::json resolved_json(const Job& job) {
  const toml::table root = toml::parse(job.resolved_toml);
  std::ostringstream text;
  text << toml::json_formatter(root);
  return nlohmann::json::parse(text.str());
}

std::string section_text(const Job& job, const std::string& section) {
  JobWriter writer;
  Job copy = job;
  visit_keys(writer, copy);
  for (const auto& [name, lines] : writer.sections())
    if (name == section) return lines;
  throw InvalidArgument("section_text: no section " + section);
}

}  // namespace nextbest
