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

std::string number(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
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

void JobWriter::key(const char* name, std::string& value) {
  line(name, quoted(value));
}
void JobWriter::key(const char* name, bool& value) {
  line(name, value ? "true" : "false");
}
void JobWriter::key(const char* name, int& value) {
  line(name, std::to_string(value));
}
void JobWriter::key(const char* name, std::int64_t& value) {
  line(name, std::to_string(value));
}
void JobWriter::key(const char* name, std::uint64_t& value) {
  line(name, std::to_string(value));
}
void JobWriter::key(const char* name, double& value) {
  line(name, number(value));
}
void JobWriter::moment(const char* name, std::string& value) {
  line(name, quoted(value));
}

void JobWriter::key(const char* name, std::vector<int>& value) {
  line(name, fmt::format("[{}]", fmt::join(value, ", ")));
}

void JobWriter::key(const char* name, std::vector<std::string>& value) {
  std::string list;
  for (const std::string& entry : value) list += (list.empty() ? "" : ", ") + quoted(entry);
  line(name, "[" + list + "]");
}

void JobWriter::ids(const char* name, std::vector<std::string>& value) {
  key(name, value);
}
void JobWriter::one_or_more(const char* name, std::vector<std::string>& value) {
  key(name, value);
}

void JobWriter::choice(const char* name, std::size_t& value, std::span<const std::string> names) {
  line(name, quoted(names[value]));
}

void JobWriter::columns(std::map<std::string, std::string>& value, std::span<const std::string>) {
  for (const auto& [ours, yours] : value) line(ours.c_str(), quoted(yours));
}

}  // namespace nextbest
