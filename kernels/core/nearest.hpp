#pragma once

#include <span>
#include <string>
#include <string_view>

namespace nextbest {

/// The candidate with the smallest edit distance (Levenshtein, neighbours swapped count once) to `word`; the first of
/// equals; empty when there are no candidates.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace nextbest
