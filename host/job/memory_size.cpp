#include "host/job/memory_size.hpp"

#include <cmath>
#include <map>
#include <regex>

#include <fmt/format.h>

#include "kernels/core/error.hpp"

namespace nextbest {

std::int64_t parse_memory_size(const std::string& text, std::int64_t whole, const std::string& key) {
  static const std::map<std::string, double> kUnits = {{"", 1},      {"B", 1},        {"kB", 1e3}, {"KiB", 0x1p10},
                                                       {"MB", 1e6},  {"MiB", 0x1p20}, {"GB", 1e9}, {"GiB", 0x1p30},
                                                       {"TB", 1e12}, {"TiB", 0x1p40}};
  static const std::regex form(R"(\s*([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([A-Za-z]*|%)\s*)");
  std::smatch match;
  double bytes = 0;
  if (text.size() < 64 && std::regex_match(text, match, form)) {
    const double number = std::stod(match[1]);
    const std::string unit = match[2];
    if (unit == "%") {
      if (number > 100) throw UsageError(key + ": \"" + text + "\" is more than there is; at most 100%");
      bytes = number / 100 * static_cast<double>(whole);
      if (number > 0) return static_cast<std::int64_t>(bytes);
    } else if (kUnits.contains(unit)) {
      bytes = number * kUnits.at(unit);
    }
  }
  if (bytes >= 1 && bytes < 0x1p62) return static_cast<std::int64_t>(bytes);
  throw UsageError(key + ": \"" + text + "\" is not an amount of memory; write e.g. \"80%\" or \"64GiB\"");
}

std::string format_bytes(std::int64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  const char* unit = "B";
  for (const char* next : {"KiB", "MiB", "GiB", "TiB"}) {
    if (value < 1023.95) break;
    value /= 1024;
    unit = next;
  }
  return fmt::format("{:.1f} {}", value, unit);
}

}  // namespace nextbest
