#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "host/store/order_log.hpp"
#include "kernels/core/types.hpp"

namespace nextbest {

/// For exact sums of products.
__extension__ using Wide = __int128;

/// numerator / denominator, rounded to the nearest, halves away from zero; what 64 bits do not hold becomes the nearest
/// that they do.
constexpr std::int64_t rounded_quotient(Wide numerator, Wide denominator) {
  if (denominator < 0) return rounded_quotient(-numerator, -denominator);
  const Wide half = denominator / 2;
  const Wide quotient = (numerator + (numerator < 0 ? -half : half)) / denominator;
  const Wide largest = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(quotient > largest ? largest : quotient < -largest ? -largest : quotient);
}

/// One line of an order file. Codes are the provisional ones of the encoders while files are read, and places in the
/// ascending order of the ids from part_lines() on. A column that the input lacks has its default everywhere.
struct Line {
  Code customer = kNoCode;  ///< kNoCode: anonymous
  Code item = kNoCode;
  Offset order = 0;  ///< without order ids the day, without times 0
  Micros time = kNoTime;
  std::int64_t quantity = kUnit;  ///< 1/10,000
  std::int64_t money = kNoValue;  ///< of one piece, or of the line; 1/10,000
  std::uint64_t number : 60 = 0;  ///< among all lines of all files, from 0
  std::uint64_t split_code : 2 = 0;
  std::uint64_t is_return : 1 = 0;
  std::uint64_t dropped : 1 = 0;  ///< by a rule

  Split split() const { return static_cast<Split>(split_code); }
  /// Basket of a customer: lines of one order and one split.
  Offset order_and_split() const { return order * 4 + static_cast<Offset>(split_code); }
  /// Quantity times price in 1/100,000,000; 0 where there is no price.
  Wide value(bool money_is_of_line) const {
    return money == kNoValue ? 0 : static_cast<Wide>(money) * (money_is_of_line ? kUnit : quantity);
  }
};
static_assert(sizeof(Line) == 48, "ingest_bytes() counts on it");

/// A line that a rule found, as the files have it; codes are provisional ones.
struct Example {
  std::int64_t number;
  Offset order;
  Code item;
  std::int64_t quantity, money;
};
inline Example example_of(const Line& line) {
  return {static_cast<std::int64_t>(line.number), line.order, line.item, line.quantity, line.money};
}

/// How many lines a rule found, and five of them.
struct Tally {
  static constexpr std::size_t kExamples = 5;
  std::int64_t lines = 0;
  std::vector<Example> examples;

  /// Counts a line; the examples are the first five by number.
  void note(const Example& line) {
    ++lines;
    keep(line);
  }
  /// Counts a line; the examples are those that come first.
  void note_next(const Example& line) {
    ++lines;
    if (examples.size() < kExamples) examples.push_back(line);
  }
  /// Adds what was noted elsewhere, as if note() had been called for it.
  void add(const Tally& other) {
    lines += other.lines;
    for (const Example& line : other.examples) keep(line);
  }
  /// The same, for note_next().
  void add_next(const Tally& other) {
    lines += other.lines;
    for (const Example& line : other.examples) {
      if (examples.size() < kExamples) examples.push_back(line);
    }
  }

 private:
  void keep(const Example& line) {
    if (examples.size() == kExamples && line.number > examples.back().number) return;
    auto place = examples.end();
    while (place != examples.begin() && place[-1].number > line.number) --place;
    examples.insert(place, line);
    if (examples.size() > kExamples) examples.pop_back();
  }
};

}  // namespace nextbest
