#include <algorithm>
#include <cmath>

#include "models/pairs/pair_table.hpp"
#include "models/pairs/unit_writer.hpp"

namespace nextbest {
namespace {

/// Which window a basket lies in, counted back from as_of; what has no time lies in one of its own.
std::int64_t window_of(const HistoryView& history, Offset basket, double window_days) {
  const Micros time = history.basket_time(basket);
  if (time == kNoTime || history.as_of == kNoTime) return -1;
  if (time >= history.as_of) return 0;
  const double window = window_days * static_cast<double>(kMicrosPerDay);
  return static_cast<std::int64_t>(std::floor(static_cast<double>(history.as_of - time) / window));
}

}  // namespace

PairUnitsData order_units(const HistoryView& history, const PairsParams& params) {
  UnitWriter units(history, params);
  ItemSampler cut(params.seed, history.baskets_are_histories() ? kMaxHistoryLines : params.max_basket_lines);
  for (Code c = 0; c < history.customers(); ++c)
    for (Offset b = history.customer_offset[c]; b < history.customer_offset[c + 1]; ++b)
      units.add(cut(history.basket(b)), c, history.basket_time(b));
  const Offset nobodys = history.customers() > 0 ? history.customer_offset.back() : 0;
  for (Offset b = nobodys; b < history.baskets(); ++b)
    units.add(cut(history.basket(b)), kNoCode, history.basket_time(b));
  return units.take(cut);
}

PairUnitsData customer_window_units(const HistoryView& history, const PairsParams& params) {
  UnitWriter units(history, params);
  ItemSampler cut(params.seed, kMaxHistoryLines);
  std::vector<Code> items;
  for (Code c = 0; c < history.customers(); ++c) {
    Offset b = history.customer_offset[c];
    const Offset end = history.customer_offset[c + 1];
    while (b < end) {
      const std::int64_t window = window_of(history, b, params.window_days);
      Offset last = b;
      items.clear();
      for (; b < end && window_of(history, b, params.window_days) == window; last = b++) {
        const auto basket = history.basket(b);
        items.insert(items.end(), basket.begin(), basket.end());
      }
      std::sort(items.begin(), items.end());
      items.erase(std::unique(items.begin(), items.end()), items.end());
      units.add(cut(items), c, history.basket_time(last));
    }
  }
  return units.take(cut);
}

}  // namespace nextbest
