#pragma once

#include <span>
#include <string>
#include <string_view>

namespace nextbest {

/// `, did you mean "x"?` with the name among `known` that is the fewest edits away from `name` (Levenshtein distance,
/// case ignored), or nothing when none is near.
std::string did_you_mean(std::string_view name, std::span<const std::string> known);

/// `"a", "b", "c"`: names for a message, at most `limit` of them.
std::string quoted_list(std::span<const std::string> names, std::size_t limit = 40);

}  // namespace nextbest
