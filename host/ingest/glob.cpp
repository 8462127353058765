#include "host/ingest/glob.hpp"

#include <algorithm>
#include <filesystem>

#include <fnmatch.h>

namespace nextbest {
namespace {

namespace fs = std::filesystem;

/// `a{b,c}d` → `abd`, `acd`; nested braces too. A brace that is not closed stands for itself.
std::vector<std::string> expand_braces(const std::string& pattern) {
  const std::size_t open = pattern.find('{');
  if (open == std::string::npos) return {pattern};
  int depth = 0;
  std::vector<std::size_t> cuts{open};
  for (std::size_t i = open; i < pattern.size(); ++i) {
    if (pattern[i] == '{') ++depth;
    if (pattern[i] == ',' && depth == 1) cuts.push_back(i);
    if (pattern[i] != '}' || --depth > 0) continue;
    cuts.push_back(i);
    std::vector<std::string> expanded;
    for (std::size_t c = 0; c + 1 < cuts.size(); ++c) {
      const std::string choice = pattern.substr(cuts[c] + 1, cuts[c + 1] - cuts[c] - 1);
      for (std::string& text : expand_braces(pattern.substr(0, open) + choice + pattern.substr(i + 1))) {
        expanded.push_back(std::move(text));
      }
    }
    return expanded;
  }
  return {pattern};
}

using Parts = std::vector<std::string>;

void walk(const fs::path& folder, const Parts& parts, std::size_t at, std::vector<std::string>& found) {
  std::error_code error;
  if (at == parts.size()) return;
  const bool last = at + 1 == parts.size();
  if (parts[at] == "**") walk(folder, parts, at + 1, found);  // no folder at all
  if (!is_glob(parts[at])) {
    const fs::path next = folder / parts[at];
    if (last && fs::is_regular_file(next, error)) found.push_back(next.string());
    if (!last && fs::is_directory(next, error)) walk(next, parts, at + 1, found);
    return;
  }
  const fs::path listed = folder.empty() ? fs::path(".") : folder;
  for (const auto& entry : fs::directory_iterator(listed, fs::directory_options::skip_permission_denied, error)) {
    const std::string name = entry.path().filename().string();
    const bool is_folder = entry.is_directory(error);
    if (parts[at] == "**") {
      if (name.front() == '.') continue;
      if (is_folder && !entry.is_symlink(error)) walk(folder / name, parts, at, found);
      if (last && entry.is_regular_file(error)) found.push_back((folder / name).string());
      continue;
    }
    if (fnmatch(parts[at].c_str(), name.c_str(), FNM_PERIOD) != 0) continue;
    if (last && entry.is_regular_file(error)) found.push_back((folder / name).string());
    if (!last && is_folder) walk(folder / name, parts, at + 1, found);
  }
}

}  // namespace

bool is_glob(std::string_view text) {
  return text.find_first_of("*?[{") != std::string_view::npos;
}

std::vector<std::string> glob_files(const std::string& pattern) {
  std::vector<std::string> found;
  for (const std::string& expanded : expand_braces(pattern)) {
    const fs::path path(expanded);
    Parts parts;
    for (const fs::path& part : path.relative_path()) {
      if (!part.empty()) parts.push_back(part.string());
    }
    walk(path.root_path(), parts, 0, found);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

bool wildcard_match(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace nextbest
