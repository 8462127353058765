#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "host/store/dictionary.hpp"
#include "kernels/core/types.hpp"
#include "models/history.hpp"

namespace nextbest {

/// Money and quantities are exact: integers in units of 1/10,000.
inline constexpr std::int64_t kUnit = 10'000;
inline constexpr std::int64_t kNoValue = std::numeric_limits<std::int64_t>::min();

/// A column of few distinct names.
struct Categorical {
  std::vector<std::string> names;  ///< ascending, distinct
  std::vector<Code> code;          ///< [items] into names, kNoCode where the catalogue has none
  bool operator==(const Categorical&) const = default;
};

/// What the catalogue says of the items; a column that was not given is empty, else it has one entry per item code.
struct Catalogue {
  std::vector<std::string> category_columns;  ///< the user's names of the levels, broadest first
  std::vector<Categorical> category;          ///< one per level
  Categorical brand, family, size;
  std::vector<std::string> name;          ///< what people call the item
  std::vector<std::int64_t> price, cost;  ///< 1/10,000; kNoValue
  std::vector<std::int64_t> stock;        ///< pieces; kNoValue
  std::vector<Micros> launched_at, discontinued_at;
  bool operator==(const Catalogue&) const = default;

  /// [items] of the level at which items are taken for one another: the finest whose names have at least four items
  /// each on average, else the broadest; empty without categories.
  std::span<const Code> category_codes() const;
  /// [items] of the broadest level; empty without categories, or where that is what category_codes() gives.
  std::span<const Code> department_codes() const;
};

enum class Split : std::uint8_t { kTrain = 0, kValidation = 1, kTest = 2 };

/// The cleaned order lines of one retailer. Baskets lie in the order (customer, time, order id, split), those without a
/// customer last; so a customer's baskets are neighbours and ascending in time. A basket is the lines of one order of
/// one customer and one split. Within a basket the items are distinct and ascending.
/// Columns of the lines that lie in memory. Items and times always do; no stage after the ingestion reads quantities.
enum class KeptColumns { kAll, kItemsAndPrices, kItems };

struct OrderLog {
  Dictionary items, customers, orders;     ///< orders: empty where the input has no order ids
  std::vector<Offset> customer_offset{0};  ///< [customers + 1] into baskets
  std::vector<Offset> basket_offset{0};    ///< [baskets + 1] into the lines
  std::vector<Offset> basket_order;        ///< [baskets] into orders, or empty
  std::vector<Micros> basket_time;         ///< [baskets] earliest line, UTC; empty where the input has no times
  std::vector<Split> basket_split;         ///< [baskets], or empty

  std::vector<Code> line_item;              ///< [lines]
  std::vector<std::int64_t> line_quantity;  ///< [lines] 1/10,000, net of returns; empty where not given
  std::vector<std::int64_t> line_price;     ///< [lines] of one piece, 1/10,000; empty where not given or not kept
  std::vector<Micros> line_time;            ///< [lines]; only where lines of one basket differ in time, else empty

  bool prices_left_out = false;  ///< line_price was given and is not kept

  Catalogue catalogue;
  Micros first_time = kNoTime;    ///< of the lines that are not test lines
  Micros as_of = kNoTime;         ///< end of the data (or the job's as_of); test lines do not count
  std::string time_zone = "UTC";  ///< in which days begin

  Offset baskets() const { return static_cast<Offset>(basket_offset.size()) - 1; }
  Offset lines() const { return static_cast<Offset>(line_item.size()); }
  bool has_prices() const { return prices_left_out || !line_price.empty(); }
  /// Frees what the columns leave out: up to 16 bytes a line.
  void keep(KeptColumns columns) {
    if (columns == KeptColumns::kAll) return;
    std::vector<std::int64_t>().swap(line_quantity);
    if (columns == KeptColumns::kItemsAndPrices) return;
    prices_left_out = has_prices();
    std::vector<std::int64_t>().swap(line_price);
  }
  HistoryView history() const {
    return {items.size(),
            customer_offset,
            basket_offset,
            line_item,
            basket_time,
            as_of,
            catalogue.category_codes(),
            catalogue.department_codes(),
            catalogue.brand.code};
  }
};

}  // namespace nextbest
