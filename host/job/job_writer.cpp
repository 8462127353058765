#include "host/job/job_writer.hpp"

#include <fmt/format.h>

namespace nextbest {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04X}", byte);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string as_toml(const std::string& value) {
  return quoted(value);
}
std::string as_toml(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}
template <class Value>
std::string as_toml(const Value& value) {  // integers, true and false
  return fmt::format("{}", value);
}
template <class Value>
std::string as_toml(const std::vector<Value>& values) {
  std::string list;
  for (const Value& value : values) list += (list.empty() ? "" : ", ") + as_toml(value);
  return "[" + list + "]";
}

}  // namespace

/// Starts a table. The header of one that has nothing but tables in it is not needed and taken back.
void JobWriter::header(const std::string& line) {
  std::string& text = sections_.back().second;
  if (!text.empty()) {
    const std::size_t last_line = text.size() < 2 ? 0 : text.rfind('\n', text.size() - 2) + 1;
    if (text[last_line] == '[') text.erase(last_line);
  }
  text += line + "\n";
}

void JobWriter::open(const char* section) {
  path_.emplace_back(section);
  if (path_.size() == 1) sections_.emplace_back(section, "");
  std::string path;
  for (const std::string& part : path_) path += (path.empty() ? "" : ".") + part;
  header("[" + path + "]");
}

void JobWriter::close() {
  path_.pop_back();
}

std::size_t JobWriter::entries(const char* name, std::size_t size) {
  sections_.emplace_back(name, "");
  return size;
}

void JobWriter::open_entry(const char* name, std::size_t) {
  path_.emplace_back(name);
  header(std::string("[[") + name + "]]");
}

void JobWriter::line(const char* name, const std::string& value) {
  sections_.back().second += std::string(name) + " = " + value + "\n";
}

void JobWriter::value(const char* name, JobValue to, Written) {
  std::visit([&](const auto* from) { line(name, as_toml(*from)); }, to);
}

void JobWriter::choice(const char* name, std::size_t& value, std::span<const std::string> names) {
  line(name, quoted(names[value]));
}

void JobWriter::columns(std::map<std::string, std::string>& value, std::span<const std::string>) {
  for (const auto& [ours, yours] : value) line(ours.c_str(), quoted(yours));
}

}  // namespace nextbest
