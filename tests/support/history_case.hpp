#pragma once

#include <vector>

#include "models/history.hpp"

namespace nextbest::test {

/// A history built basket by basket; customers in order, then nobody's baskets.
struct HistoryCase {
  Offset items = 0;
  std::vector<Offset> customer_offset;  ///< empty: no customers
  std::vector<Offset> basket_offset{0};
  std::vector<Code> item;
  std::vector<Micros> time;
  Micros as_of = kNoTime;

  void add(const std::vector<Code>& basket) {
    item.insert(item.end(), basket.begin(), basket.end());
    basket_offset.push_back(static_cast<Offset>(item.size()));
  }
  void add(const std::vector<Code>& basket, double days_before_as_of) {
    add(basket);
    time.push_back(as_of - static_cast<Micros>(days_before_as_of * static_cast<double>(kMicrosPerDay)));
  }
  /// The baskets added since the last call belong to the next customer.
  void close_customer() {
    if (customer_offset.empty()) customer_offset.push_back(0);
    customer_offset.push_back(static_cast<Offset>(basket_offset.size()) - 1);
  }
  HistoryView view() const { return {items, customer_offset, basket_offset, item, time, as_of}; }
};

}  // namespace nextbest::test
