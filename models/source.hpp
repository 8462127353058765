#pragma once

#include <span>
#include <string_view>

#include "kernels/core/context.hpp"
#include "kernels/ops/score_top_k.hpp"
#include "models/history.hpp"

namespace nextbest {

/// A fitted model that can propose items to customers. Its name is the one used in the job file
/// (`recommend.sources`), in the column `source`, and in metrics.json.
class Source {
 public:
  virtual ~Source() = default;
  virtual std::string_view name() const = 0;

  /// The best out.item.cols items for some customers.
  /// history    what is read as the customers' past; may be longer than what the model was fitted on
  /// customers  ascending codes
  /// filter     rows of its matrices belong to customers[0], customers[1], ...
  /// out        row r belongs to customers[r]; closed by kNoCode. Order: score descending, popularity descending,
  ///            code ascending. A source offers only what it has a reason to offer: lists may be short.
  virtual void candidates(Context& ctx, const HistoryView& history, std::span<const Code> customers,
                          const TopKFilter& filter, const TopKLists& out) const = 0;
};

}  // namespace nextbest
