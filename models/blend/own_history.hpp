#pragma once

#include <algorithm>
#include <vector>

#include "models/history.hpp"

namespace nextbest {

inline constexpr double kRecentDays = 30, kLongDays = 120;  ///< half-lives
inline constexpr double kBasketDecay = 0.8;

/// One item in one customer's history.
struct Own {
  Code item;
  int count = 0;
  Micros first = kNoTime, last = kNoTime;
  Offset last_basket = 0;
  double decayed = 0, decayed_long = 0, decayed_baskets = 0;
};

struct OwnHistory {
  std::vector<Own> items;  // ascending codes
  Offset baskets = 0, lines = 0, last_lines = 0;
  int most = 0;  // count of the item that was bought most often
  Micros first = kNoTime, last = kNoTime, now = kNoTime;

  const Own* find(Code item) const {
    const auto at = std::lower_bound(items.begin(), items.end(), item, [](const Own& o, Code i) { return o.item < i; });
    return at != items.end() && at->item == item ? &*at : nullptr;
  }
};

/// What a customer has bought, read at history.read_at(customer).
OwnHistory own_history(const HistoryView& history, Code customer);

}  // namespace nextbest
