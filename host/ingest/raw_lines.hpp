#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "host/ingest/id_encoder.hpp"
#include "host/store/order_log.hpp"
#include "kernels/core/types.hpp"

namespace nextbest {

/// For exact sums of products.
__extension__ using Wide = __int128;

/// numerator / denominator, rounded to the nearest, halves away from zero; what 64 bits do not hold becomes the nearest
/// that they do.
constexpr std::int64_t rounded_quotient(Wide numerator, Wide denominator) {
  if (denominator < 0) return rounded_quotient(-numerator, -denominator);
  const Wide half = denominator / 2;
  const Wide quotient = (numerator + (numerator < 0 ? -half : half)) / denominator;
  const Wide largest = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(quotient > largest ? largest : quotient < -largest ? -largest : quotient);
}

/// The lines that came from one file, [first_line, next file's first_line).
struct FileSpan {
  std::string path;
  bool is_text = false;
  std::int64_t first_line = 0;
  std::vector<std::int64_t> skipped_rows;  ///< rows of the file that are not among the lines, ascending
};

/// Names that lines gave to items: how often which.
class NameCounts {
 public:
  void add(Offset item, std::string_view name);
  /// [items] by provisional code: the most frequent name, the smallest of those; empty where there is none.
  std::vector<std::string> best(Offset items) const;

 private:
  IdEncoder names_;
  boost::unordered_flat_map<std::uint64_t, std::int64_t> counts_;  ///< item and name
};

/// Every line of every order file, as columns. Codes are the provisional ones of the encoders until
/// `use_ascending_codes`, then places in the ascending order of the ids. A column that the input lacks is empty.
struct RawLines {
  IdEncoder items, customers, orders;
  IdOrder item_order, customer_order, order_order;
  bool has_customers = false, has_orders = false;

  std::vector<Code> item;
  std::vector<Code> customer;  ///< kNoCode: anonymous
  std::vector<Offset> order;
  std::vector<Micros> time;            ///< UTC
  std::vector<std::int64_t> quantity;  ///< 1/10,000
  std::vector<std::int64_t> returned;  ///< 1/10,000
  std::vector<std::int64_t> money;     ///< of one piece, or of the line; 1/10,000; kNoValue
  bool money_is_of_line = false;
  std::vector<Split> split;
  std::vector<std::uint8_t> dropped;  ///< by a rule; the line stays where it is
  std::vector<FileSpan> files;
  std::vector<std::string> item_names;  ///< [items] after use_ascending_codes, or empty
  NameCounts names;

  std::int64_t lines() const { return static_cast<std::int64_t>(item.size()); }
  std::int64_t quantity_of(std::int64_t line) const { return quantity.empty() ? kUnit : quantity[line]; }
  Code customer_of(std::int64_t line) const { return customer.empty() ? kNoCode : customer[line]; }
  Offset order_of(std::int64_t line) const { return order.empty() ? 0 : order[line]; }
  Micros time_of(std::int64_t line) const { return time.empty() ? kNoTime : time[line]; }
  Split split_of(std::int64_t line) const { return split.empty() ? Split::kTrain : split[line]; }
  /// Quantity times price in 1/100,000,000; 0 where there is no price.
  Wide value_of(std::int64_t line) const;
  std::size_t file_of(std::int64_t line) const;
  /// 0-based row of the line in its file.
  std::int64_t row_of(std::int64_t line) const;
  /// Renumbers items, customers and orders by their ids; `catalogue_items` takes part in finding the items' type.
  void use_ascending_codes(const IdEncoder* catalogue_items);
};

}  // namespace nextbest
