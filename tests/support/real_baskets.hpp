#pragma once

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/support/gzip_lines.hpp"
#include "tests/support/history_case.hpp"

namespace nextbest::test {

/// One line of an order file.
struct OrderLine {
  std::string order, item, customer;
  Micros time = kNoTime;
};

/// The fields of a CSV line; quoted fields may hold commas.
inline std::vector<std::string> csv_fields(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      fields.emplace_back();
    else if (c != '\r')
      fields.back() += c;
  }
  return fields;
}

/// Baskets in the order in which the lines first name them; items coded in the order of their ids, shorter ids first
/// (so integers by value). Where lines name customers, baskets are grouped by customer and ascend in time.
struct RealBaskets {
  struct Order {
    std::string id, customer;
    Micros time = kNoTime;
    std::vector<Code> items;
  };
  std::vector<std::string> item_id;
  std::vector<Order> orders;
  HistoryCase history;

  RealBaskets(std::vector<OrderLine> lines, std::uint64_t shuffle_seed) {
    std::mt19937_64 random(shuffle_seed);
    for (std::size_t i = lines.size(); shuffle_seed != 0 && i > 1; --i) std::swap(lines[i - 1], lines[random() % i]);
    const auto shorter = [](const std::string& x, const std::string& y) {
      return x.size() != y.size() ? x.size() < y.size() : x < y;
    };
    for (const OrderLine& line : lines) item_id.push_back(line.item);
    std::sort(item_id.begin(), item_id.end(), shorter);
    item_id.erase(std::unique(item_id.begin(), item_id.end()), item_id.end());
    std::map<std::string, std::size_t> place;
    for (const OrderLine& line : lines) {
      const auto [at, added] = place.emplace(line.order, orders.size());
      if (added) orders.push_back({line.order, line.customer, line.time, {}});
      Order& order = orders[at->second];
      order.time = std::max(order.time, line.time);
      order.items.push_back(code_of(line.item, shorter));
    }
    for (Order& order : orders) {
      std::sort(order.items.begin(), order.items.end());
      order.items.erase(std::unique(order.items.begin(), order.items.end()), order.items.end());
    }
    make_history();
  }

 private:
  template <class Less>
  Code code_of(const std::string& id, Less less) const {
    return static_cast<Code>(std::lower_bound(item_id.begin(), item_id.end(), id, less) - item_id.begin());
  }

  void make_history() {
    history.items = static_cast<Offset>(item_id.size());
    std::map<std::string, std::vector<const Order*>> of_customer;
    for (const Order& order : orders) {
      of_customer[order.customer].push_back(&order);
      history.as_of = std::max(history.as_of, order.time);
    }
    const auto add_all = [&](std::vector<const Order*>& list) {
      std::sort(list.begin(), list.end(),
                [](const Order* x, const Order* y) { return x->time != y->time ? x->time < y->time : x->id < y->id; });
      for (const Order* order : list) {
        history.add(order->items);
        if (order->time != kNoTime) history.time.push_back(order->time);
      }
    };
    for (auto& [customer, list] : of_customer) {
      if (customer.empty()) continue;
      add_all(list);
      history.close_customer();
    }
    add_all(of_customer[""]);
  }
};

/// order and item are the first two columns.
inline std::vector<OrderLine> read_two_columns(const std::string& path) {
  std::vector<OrderLine> out;
  GzipLines lines(path);
  std::string line;
  lines.next(line);
  while (lines.next(line)) {
    const std::size_t first = line.find(','), second = line.find(',', first + 1);
    out.push_back({line.substr(0, first), line.substr(first + 1, second - first - 1), "", kNoTime});
  }
  return out;
}

/// UCI Online Retail: sales only (no C... invoices, positive quantities).
inline std::vector<OrderLine> read_online_retail(const std::string& path) {
  std::vector<OrderLine> out;
  GzipLines lines(path);
  std::string line;
  lines.next(line);
  while (lines.next(line)) {
    const std::vector<std::string> field = csv_fields(line);
    if (field.at(0).starts_with("C") || std::stoll(field.at(3)) <= 0) continue;
    int year = 0, month = 0, day = 0, hour = 0, minute = 0;
    if (std::sscanf(field.at(4).c_str(), "%d-%d-%d %d:%d", &year, &month, &day, &hour, &minute) != 5)
      throw std::runtime_error("no time: " + line);
    // Months of 31 days: no calendar, but the order of time and whole days are kept, which is all that is needed.
    const std::int64_t days = (year * 12 + month) * 31 + day;
    const Micros time = (((days * 24) + hour) * 60 + minute) * 60'000'000;
    out.push_back({field[0], field[1], field.at(6), time});
  }
  return out;
}

}  // namespace nextbest::test
