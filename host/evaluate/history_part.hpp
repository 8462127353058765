#pragma once

#include <span>
#include <vector>

#include "host/evaluate/split.hpp"
#include "host/store/order_log.hpp"
#include "models/history.hpp"

namespace nextbest {

/// A history of some of the lines of a log. Owns its arrays, or shows those of the log where nothing was left out;
/// the log must outlive it. Customer and item codes are those of the log.
class HistoryPart {
 public:
  /// All of the log.
  explicit HistoryPart(const OrderLog& log);
  /// The lines whose part is in `parts`. Pieces of one order are put together again; orders left empty vanish.
  /// as_of       the moment at which the history is read; kNoTime = that of its newest order
  /// own_clocks  customers are read at their own newest order
  HistoryPart(const OrderLog& log, std::span<const Part> part, Parts parts, Micros as_of, bool own_clocks);

  HistoryPart(HistoryPart&&) = default;
  HistoryPart& operator=(HistoryPart&&) = default;
  const HistoryView& view() const { return view_; }

 private:
  void append(const OrderLog& log, std::span<const Part> part, Parts parts, Offset begin, Offset end);

  std::vector<Offset> customer_offset_, basket_offset_{0};
  std::vector<Code> item_;
  std::vector<Micros> time_;
  std::vector<float> price_;
  HistoryView view_;
};

/// What a model for production may learn from: no test lines, and validation lines only with `refit = "full"`.
HistoryPart learnt_history(const OrderLog& log, const EvaluateParams& params);
/// What is read as the customers' past in production: no test lines; no validation lines with `refit = "none"`.
HistoryPart read_history(const OrderLog& log, const EvaluateParams& params);

}  // namespace nextbest
