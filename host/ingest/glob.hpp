#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nextbest {

/// True where the text has a character that makes it a glob: `*`, `?`, `[` or `{`.
bool is_glob(std::string_view text);

/// The files that a glob names, sorted bytewise, each once. `*`, `?` and `[...]` stay within one folder and do not
/// match a leading dot; `**` is any number of folders; `{a,b}` is each of its alternatives. Links to files are
/// followed.
std::vector<std::string> glob_files(const std::string& pattern);

/// Whether the whole text fits a pattern in which `*` stands for any characters; everything else is literal.
bool wildcard_match(std::string_view pattern, std::string_view text);

}  // namespace nextbest
