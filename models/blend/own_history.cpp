#include "models/blend/own_history.hpp"

#include <cmath>

#include "kernels/math/decay.hpp"

namespace nextbest {

OwnHistory own_history(const HistoryView& history, Code customer) {
  OwnHistory own;
  own.now = history.read_at(customer);
  const Offset begin = history.customer_offset[customer], end = history.customer_offset[customer + 1];
  own.baskets = end - begin;
  if (own.baskets > 0) {
    own.first = history.basket_time(begin);
    own.last = history.basket_time(end - 1);
    own.last_lines = static_cast<Offset>(history.basket(end - 1).size());
  }
  for (Offset b = begin; b < end; ++b) {
    const Micros t = history.basket_time(b);
    const double days = days_between(t, own.now);
    const double recent = std::exp2(-days / kRecentDays), longer = std::exp2(-days / kLongDays);
    const double steps = std::pow(kBasketDecay, static_cast<double>(end - 1 - b));
    for (const Code item : history.basket(b)) own.items.push_back({item, 1, t, t, b - begin, recent, longer, steps});
  }
  own.lines = static_cast<Offset>(own.items.size());
  // Baskets stand in time order, and a stable sort keeps them so within an item.
  std::stable_sort(own.items.begin(), own.items.end(), [](const Own& x, const Own& y) { return x.item < y.item; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < own.items.size(); ++i) {
    if (kept > 0 && own.items[kept - 1].item == own.items[i].item) {
      Own& whole = own.items[kept - 1];
      ++whole.count;
      whole.last = own.items[i].last;
      whole.last_basket = own.items[i].last_basket;
      whole.decayed += own.items[i].decayed;
      whole.decayed_long += own.items[i].decayed_long;
      whole.decayed_baskets += own.items[i].decayed_baskets;
    } else {
      own.items[kept++] = own.items[i];
    }
  }
  own.items.resize(kept);
  for (const Own& item : own.items) own.most = std::max(own.most, item.count);
  return own;
}

}  // namespace nextbest
