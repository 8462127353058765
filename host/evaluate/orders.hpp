#pragma once

#include "host/store/order_log.hpp"

namespace nextbest {

/// Whether the baskets are orders; without order ids and times a customer's history is one unit.
inline bool has_orders(const OrderLog& log) {
  return !log.basket_order.empty() || !log.basket_time.empty();
}

/// Calls body(first, last) for the baskets [first, last) of each order among the baskets [begin, end) of one customer,
/// or of nobody. Only a column `split` divides orders, into pieces that are neighbours; a history without order ids and
/// times is one order.
template <class Body>
void for_each_order(const OrderLog& log, Offset begin, Offset end, const Body& body) {
  const bool divided = !log.basket_split.empty();
  const bool one_history = !has_orders(log) && begin < log.customer_offset.back();
  const auto continues = [&](Offset b) {
    if (!divided) return false;
    return log.basket_order.empty() ? one_history : log.basket_order[b] == log.basket_order[b + 1];
  };
  for (Offset first = begin; first < end;) {
    Offset last = first + 1;
    while (last < end && continues(last - 1)) ++last;
    body(first, last);
    first = last;
  }
}

}  // namespace nextbest
