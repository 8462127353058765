#pragma once

#include <span>
#include <string>
#include <string_view>

namespace nextbest {

/// The candidate with the fewest edits to `word` (Levenshtein distance, neighbours swapped count once, case ignored);
/// the first of equals; empty when there are no candidates.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// `, did you mean "x"?` with the nearest name, or nothing when even that one takes more edits than half of the word's
/// letters (two at least).
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

/// `"a", "b", "c"`: names for a message, at most `limit` of them.
std::string quoted_list(std::span<const std::string> names, std::size_t limit = 40);

}  // namespace nextbest
