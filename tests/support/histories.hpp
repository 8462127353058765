#pragma once

#include <vector>

#include "models/history.hpp"

namespace nextbest::test {

/// One basket of a history written by hand; items ascending.
struct Basket {
  double day = 0;
  std::vector<Code> items;
};

/// Owns a history. Customers' baskets must be in time order; `anonymous` baskets are nobody's.
class TestHistory {
 public:
  TestHistory(Offset items, const std::vector<std::vector<Basket>>& customers, double as_of_day = 0,
              const std::vector<Basket>& anonymous = {})
      : items_(items), as_of_(micros(as_of_day)) {
    for (const auto& baskets : customers) {
      for (const Basket& basket : baskets) add(basket);
      customer_offset_.push_back(static_cast<Offset>(time_.size()));
    }
    for (const Basket& basket : anonymous) add(basket);
  }

  HistoryView view() const { return {items_, customer_offset_, basket_offset_, item_, time_, as_of_}; }
  /// The same baskets, as data without times would give them.
  HistoryView view_without_times() const { return {items_, customer_offset_, basket_offset_, item_, {}, kNoTime}; }

  static Micros micros(double day) { return static_cast<Micros>(day * static_cast<double>(kMicrosPerDay)); }

 private:
  void add(const Basket& basket) {
    item_.insert(item_.end(), basket.items.begin(), basket.items.end());
    basket_offset_.push_back(static_cast<Offset>(item_.size()));
    time_.push_back(micros(basket.day));
  }

  Offset items_;
  Micros as_of_;
  std::vector<Offset> customer_offset_{0}, basket_offset_{0};
  std::vector<Code> item_;
  std::vector<Micros> time_;
};

}  // namespace nextbest::test
