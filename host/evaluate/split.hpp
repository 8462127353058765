#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/job/job.hpp"
#include "host/store/order_log.hpp"

namespace nextbest {

/// What a line is used for in an evaluation.
enum class Part : std::uint8_t {
  kTrain = 1,
  kValidation = 2,
  kTest = 4,
  kUnused = 8,  ///< test lines of a column that this split does not follow; lines after the end of the data
};
/// A set of parts, as bits.
using Parts = unsigned;
inline constexpr Parts operator|(Part a, Part b) {
  return static_cast<Parts>(a) | static_cast<Parts>(b);
}
inline constexpr bool contains(Parts parts, Part part) {
  return (parts & static_cast<Parts>(part)) != 0;
}
inline constexpr Parts only(Part part) {
  return static_cast<Parts>(part);
}

/// Which line belongs to which part, and how that came about.
struct SplitPlan {
  std::string kind;                ///< time | column | last_order | last_item | hidden_items | hidden_orders
  std::string validation;          ///< the same names, or "none"
  std::vector<Part> part;          ///< [lines]
  Micros train_until = kNoTime;    ///< time splits: the last moment of the training part ...
  Micros history_until = kNoTime;  ///< ... and of training and validation together; otherwise kNoTime
  /// What is asked for is each customer's next order, whenever that was, not what happened after one moment: there are
  /// training lines that are as new as some of what was taken out.
  bool own_clocks = false;
  std::int64_t lines(Part wanted) const;
};

/// Splits as the job says, or, where it does not name a split, as the data allow: column, time, last_order, and without
/// times hidden_items (a tenth of every customer's items, at least one), or hidden_orders (a tenth of the orders) where
/// there are no customers either.
///   time        orders after as_of - test_days are test, the validation_days before that are validation
///   column      the column `split`; without validation lines a validation part is carved out of the training lines in
///               the way that the test part was: by time where all test orders are later than all training orders, else
///               each customer's last order, and without times the same share of hidden items as the test part has
///   last_order  each customer's last order is test, the one before validation; one order stays for training
///   last_item   the same with single lines: the latest of all lines; at one moment the largest item code
/// Without customers time, column and hidden_orders remain, which then ask for orders to complete (carts.hpp) and need
/// no validation part, but for time. Days are 24 hours. An order is never divided by a time split: its first line
/// decides.
/// @throws DataError what the data lack for it
SplitPlan plan_split(const OrderLog& log, const EvaluateParams& params, std::uint64_t seed);

/// The window before the validation part, made in the same way: the newest of the training lines become validation
/// lines, everything later is unused. For models that learn at one moment and are judged at the next.
SplitPlan plan_earlier(const OrderLog& log, const SplitPlan& plan, std::uint64_t seed);

/// The same without a test part: the validation part is the newest. For jobs that do not evaluate. kind is "none" where
/// the data allow no split.
SplitPlan plan_validation(const OrderLog& log, const EvaluateParams& params, std::uint64_t seed);

}  // namespace nextbest
