#include "host/evaluate/assign.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "kernels/core/philox.hpp"

namespace nextbest {
namespace {

constexpr std::uint64_t kHiddenStream = 0x68696464656eULL;

Offset customers(const OrderLog& log) {
  return static_cast<Offset>(log.customer_offset.size()) - 1;
}

/// Calls body(basket, line) for every training line of a customer, in the order of the log.
template <class Body>
void for_train_lines(const OrderLog& log, Offset customer, const std::vector<Part>& part, const Body& body) {
  for (Offset b = log.customer_offset[customer]; b < log.customer_offset[customer + 1]; ++b)
    for (Offset l = log.basket_offset[b]; l < log.basket_offset[b + 1]; ++l)
      if (part[l] == Part::kTrain) body(b, l);
}

/// The training lines of a basket.
void give(const OrderLog& log, Offset basket, Part to, std::vector<Part>& part) {
  for (Offset l = log.basket_offset[basket]; l < log.basket_offset[basket + 1]; ++l)
    if (part[l] == Part::kTrain) part[l] = to;
}

Micros time_of(const OrderLog& log, Offset basket, Offset line) {
  if (!log.line_time.empty()) return log.line_time[line];
  return log.basket_time.empty() ? kNoTime : log.basket_time[basket];
}

}  // namespace

void assign_after(const OrderLog& log, Micros cut, Part to, std::vector<Part>& part) {
  for (Offset b = 0; b < log.baskets(); ++b)
    if (log.basket_time[b] > cut) give(log, b, to, part);
}

void assign_last_order(const OrderLog& log, Part to, std::vector<Part>& part) {
  for (Offset c = 0; c < customers(log); ++c) {
    Offset first = -1, last = -1;
    for_train_lines(log, c, part, [&](Offset basket, Offset) {
      if (first < 0) first = basket;
      last = basket;
    });
    if (first == last) continue;
    give(log, last, to, part);
  }
}

void assign_last_item(const OrderLog& log, Part to, std::vector<Part>& part) {
  for (Offset c = 0; c < customers(log); ++c) {
    Offset count = 0, last = -1;
    std::pair<Micros, Code> newest;
    for_train_lines(log, c, part, [&](Offset basket, Offset line) {
      const std::pair<Micros, Code> key{time_of(log, basket, line), log.line_item[line]};
      if (count++ == 0 || key > newest) {
        newest = key;
        last = line;
      }
    });
    if (count > 1) part[last] = to;
  }
}

void assign_hidden(const OrderLog& log, double share, std::uint64_t seed, Part to, std::vector<Part>& part) {
  std::vector<std::pair<double, Offset>> drawn;
  for (Offset c = 0; c < customers(log); ++c) {
    drawn.clear();
    for_train_lines(log, c, part, [&](Offset, Offset line) {
      drawn.emplace_back(philox_uniform(seed, kHiddenStream, static_cast<std::uint64_t>(line)), line);
    });
    const auto lines = static_cast<Offset>(drawn.size());
    if (lines < 2) continue;
    const Offset hidden = std::clamp<Offset>(std::llround(share * static_cast<double>(lines)), 1, lines - 1);
    std::sort(drawn.begin(), drawn.end());
    for (Offset i = 0; i < hidden; ++i) part[drawn[i].second] = to;
  }
}

void assign_hidden_orders(const OrderLog& log, double share, std::uint64_t seed, Part to, std::vector<Part>& part) {
  const auto draw = [&](Offset basket) {
    const Offset order = log.basket_order.empty() ? basket : log.basket_order[basket];
    return philox_uniform(seed, kHiddenStream, static_cast<std::uint64_t>(order));
  };
  std::vector<double> draws(static_cast<std::size_t>(log.baskets()));
  for (Offset b = 0; b < log.baskets(); ++b) draws[b] = draw(b);
  std::sort(draws.begin(), draws.end());
  draws.erase(std::unique(draws.begin(), draws.end()), draws.end());
  const auto orders = static_cast<Offset>(draws.size());
  if (orders < 2) return;
  const Offset hidden = std::clamp<Offset>(std::llround(share * static_cast<double>(orders)), 1, orders - 1);
  for (Offset b = 0; b < log.baskets(); ++b)
    if (draw(b) < draws[hidden]) give(log, b, to, part);
}

void assign_column(const OrderLog& log, std::vector<Part>& part) {
  for (Offset b = 0; b < log.baskets(); ++b) {
    if (log.basket_split[b] == Split::kTrain) continue;
    const Part to = log.basket_split[b] == Split::kValidation ? Part::kValidation : Part::kTest;
    give(log, b, to, part);
  }
}

}  // namespace nextbest
