#pragma once

#include <string>
#include <vector>

#include "host/store/order_log.hpp"

namespace nextbest::testing_support {

/// One order of a log that is written down by hand. Customer -1 is nobody.
struct SmallOrder {
  int customer;
  double day;  ///< since 1970; ignored in logs without times
  std::vector<Code> items;
  Split split = Split::kTrain;
};

enum class Times { kYes, kNo };

/// A log of these orders; they must come in the order of an OrderLog (customer, day, split; nobody's last). Item ids
/// are "i0" ... "i9", customer ids are numbers, so codes are what is written here. Without times there are no order ids
/// either.
inline OrderLog small_log(const std::vector<SmallOrder>& orders, Times times = Times::kYes) {
  OrderLog log;
  std::vector<std::string> items;
  std::vector<std::int64_t> customers;
  for (char c = '0'; c <= '9'; ++c) items.push_back({'i', c});
  log.items = Dictionary::of_strings(items);
  std::vector<std::int64_t> order_ids;
  bool split = false;
  for (const SmallOrder& order : orders) {
    while (order.customer >= static_cast<int>(customers.size())) {
      if (!customers.empty()) log.customer_offset.push_back(log.baskets());
      customers.push_back(static_cast<std::int64_t>(customers.size()));
    }
    if (order.customer < 0 && log.customer_offset.size() == customers.size())
      log.customer_offset.push_back(log.baskets());
    log.line_item.insert(log.line_item.end(), order.items.begin(), order.items.end());
    log.basket_offset.push_back(log.lines());
    log.basket_split.push_back(order.split);
    split = split || order.split != Split::kTrain;
    if (times == Times::kNo) continue;
    log.basket_order.push_back(static_cast<Offset>(order_ids.size()));
    order_ids.push_back(static_cast<std::int64_t>(order_ids.size()));
    const auto time = static_cast<Micros>(order.day * static_cast<double>(kMicrosPerDay));
    log.basket_time.push_back(time);
    if (order.split == Split::kTest) continue;
    if (log.as_of == kNoTime || time > log.as_of) log.as_of = time;
    if (log.first_time == kNoTime || time < log.first_time) log.first_time = time;
  }
  if (log.customer_offset.size() == customers.size()) log.customer_offset.push_back(log.baskets());
  if (!split) log.basket_split.clear();
  log.customers = Dictionary::of_int64(customers);
  log.orders = Dictionary::of_int64(order_ids);
  return log;
}

}  // namespace nextbest::testing_support
