#include "host/ingest/returns.hpp"

#include <algorithm>
#include <tuple>

namespace nextbest {
namespace {

/// Purchases and returns that belong together share item and split.
std::uint64_t key_of(const Line& line) {
  return static_cast<std::uint64_t>(line.item) << 2 | line.split_code;
}

bool comes_before(const Line* a, const Line* b) {
  const auto rank = [](const Line& line) {
    return std::tuple(key_of(line), line.time, static_cast<bool>(line.is_return), line.order, line.money, line.quantity,
                      static_cast<std::uint64_t>(line.number));
  };
  return rank(*a) < rank(*b);
}

void reduce(Line& line, std::int64_t taken, bool money_is_of_line) {
  const std::int64_t before = line.quantity;
  line.quantity = before - taken;
  if (money_is_of_line && line.money != kNoValue) {
    line.money = rounded_quotient(static_cast<Wide>(line.money) * line.quantity, before);
  }
}

}  // namespace

void net_returns(std::span<Line> lines, bool money_is_of_line, NettingTally& tally) {
  std::vector<std::uint64_t> returned;  // most purchases are of nothing that was returned
  for (const Line& line : lines) {
    if (!line.dropped && line.is_return) returned.push_back(key_of(line));
  }
  std::sort(returned.begin(), returned.end());
  std::vector<Line*> events;
  for (Line& line : lines) {
    if (!line.dropped && std::binary_search(returned.begin(), returned.end(), key_of(line))) events.push_back(&line);
  }
  std::sort(events.begin(), events.end(), comes_before);
  std::vector<Line*> open;  // purchases of one key that still hold something, the most recent last
  for (std::size_t i = 0; i < events.size(); ++i) {
    Line& line = *events[i];
    if (i > 0 && key_of(line) != key_of(*events[i - 1])) open.clear();
    if (!line.is_return) {
      if (line.quantity > 0) open.push_back(&line);
      continue;
    }
    (open.empty() ? tally.unmatched : tally.returns).note(example_of(line));
    std::int64_t left = line.quantity < 0 ? -line.quantity : line.quantity;
    while (left > 0 && !open.empty()) {
      Line& purchase = *open.back();
      const std::int64_t taken = std::min(left, purchase.quantity);
      left -= taken;
      if (taken < purchase.quantity) {
        reduce(purchase, taken, money_is_of_line);
        break;
      }
      tally.purchases.note(example_of(purchase));
      purchase.dropped = 1;
      open.pop_back();
    }
  }
  for (Line* line : events) {
    if (line->is_return) line->dropped = 1;
  }
}

}  // namespace nextbest
