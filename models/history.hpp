#pragma once

#include <span>

#include "kernels/core/types.hpp"

namespace nextbest {

/// What every model learns from: baskets of items, grouped by customer, in time order. Owns nothing.
/// Baskets [customer_offset[c], customer_offset[c + 1]) are those of customer c, ascending in time; baskets from
/// customer_offset.back() on are nobody's. Without order ids and times a customer's whole history is one basket.
struct HistoryView {
  Offset items = 0;                         ///< size of the item dictionary; codes lie in [0, items)
  std::span<const Offset> customer_offset;  ///< [customers + 1] into baskets
  std::span<const Offset> basket_offset;    ///< [baskets + 1] into item
  std::span<const Code> item;               ///< [lines] distinct, ascending within a basket
  std::span<const Micros> time;             ///< [baskets]; empty when the data have no times
  Micros as_of = kNoTime;                   ///< the moment at which the history is read; decay counts back from here
  std::span<const Code> category{};  ///< [items] of the catalogue, kNoCode: none; empty where there is no catalogue
  std::span<const Code>
      department{};                ///< the same for the broadest level of categories; empty where that is `category`
  std::span<const Code> brand{};   ///< the same for brands
  std::span<const float> price{};  ///< [items] mean of what was paid for one in these baskets, 0: not known; or empty
  bool own_clocks = false;         ///< customers are read at their newest basket, not all at as_of

  Offset customers() const { return customer_offset.empty() ? 0 : static_cast<Offset>(customer_offset.size()) - 1; }
  Offset baskets() const { return basket_offset.empty() ? 0 : static_cast<Offset>(basket_offset.size()) - 1; }
  Offset lines() const { return basket_offset.empty() ? 0 : basket_offset.back(); }
  bool has_times() const { return !time.empty(); }
  /// Data without orders and times: what a customer ever bought is one basket.
  bool baskets_are_histories() const { return !has_times() && customers() > 0 && customers() == baskets(); }
  Micros basket_time(Offset basket) const { return time.empty() ? kNoTime : time[basket]; }
  /// The moment at which a customer's past is read. Where what comes next is each customer's next basket, and not what
  /// happens after one day, the time since his newest basket tells when the data end, and nothing of him.
  Micros read_at(Code customer) const {
    const Offset end = customer_offset[customer + 1];
    return own_clocks && has_times() && end > customer_offset[customer] ? time[end - 1] : as_of;
  }
  std::span<const Code> basket(Offset b) const {
    return item.subspan(basket_offset[b], basket_offset[b + 1] - basket_offset[b]);
  }
};

}  // namespace nextbest
