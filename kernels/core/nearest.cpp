#include "kernels/core/nearest.hpp"

#include <algorithm>
#include <cctype>
#include <limits>
#include <utility>
#include <vector>

namespace nextbest {
namespace {

constexpr std::size_t kLongestWord = 200;  // bounds the work on hostile input

/// Two letters are the same whatever their case.
bool same(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  a = a.substr(0, kLongestWord);
  b = b.substr(0, kLongestWord);
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + !same(a[i - 1], b[j - 1])});
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

/// The first of the nearest candidates and its distance; null where there are none.
std::pair<const std::string*, std::size_t> find_nearest(std::string_view word,
                                                        std::span<const std::string> candidates) {
  std::pair<const std::string*, std::size_t> best{nullptr, std::numeric_limits<std::size_t>::max()};
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best.second) best = {&candidate, distance};
  }
  return best;
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  const std::string* best = find_nearest(word, candidates).first;
  return best == nullptr ? std::string() : *best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  const auto [best, distance] = find_nearest(word, candidates);
  const bool near = best != nullptr && distance <= std::max<std::size_t>(2, word.size() / 2);
  return near ? ", did you mean \"" + *best + "\"?" : std::string();
}

std::string quoted_list(std::span<const std::string> names, std::size_t limit) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < limit; ++i) text += (i == 0 ? "\"" : ", \"") + names[i] + "\"";
  if (names.size() > limit) text += ", and " + std::to_string(names.size() - limit) + " more";
  return text;
}

}  // namespace nextbest
