#include "host/evaluate/history_part.hpp"

#include <algorithm>

#include "host/evaluate/orders.hpp"

namespace nextbest {
namespace {

HistoryPart without(const OrderLog& log, bool validation) {
  if (log.basket_split.empty()) return HistoryPart(log);
  std::vector<Part> part(static_cast<std::size_t>(log.lines()), Part::kTrain);
  for (Offset b = 0; b < log.baskets(); ++b) {
    const Split split = log.basket_split[b];
    if (split == Split::kTest || (split == Split::kValidation && !validation))
      std::fill(part.begin() + log.basket_offset[b], part.begin() + log.basket_offset[b + 1], Part::kUnused);
  }
  return HistoryPart(log, part, only(Part::kTrain), log.as_of, false);
}

/// [items] of the lines whose part is in `parts`, of all where `part` is empty; 0 where nothing was paid.
std::vector<float> mean_prices(const OrderLog& log, std::span<const Part> part, Parts parts) {
  if (log.line_price.empty()) return {};
  std::vector<double> sum(static_cast<std::size_t>(log.items.size()), 0.0);
  std::vector<std::int64_t> lines(sum.size(), 0);
  for (Offset l = 0; l < log.lines(); ++l) {
    const std::int64_t price = log.line_price[l];
    if (price == kNoValue || price <= 0 || !(part.empty() || contains(parts, part[l]))) continue;
    sum[log.line_item[l]] += static_cast<double>(price) / static_cast<double>(kUnit);
    ++lines[log.line_item[l]];
  }
  std::vector<float> mean;
  for (std::size_t i = 0; i < sum.size(); ++i)
    mean.push_back(lines[i] > 0 ? static_cast<float>(sum[i] / static_cast<double>(lines[i])) : 0.0F);
  return mean;
}

}  // namespace

HistoryPart::HistoryPart(const OrderLog& log) : price_(mean_prices(log, {}, 0)), view_(log.history()) {
  view_.price = price_;
}

HistoryPart::HistoryPart(const OrderLog& log, std::span<const Part> part, Parts parts, Micros as_of, bool own_clocks) {
  const auto customers = static_cast<Offset>(log.customer_offset.size()) - 1;
  customer_offset_.reserve(log.customer_offset.size());
  customer_offset_.push_back(0);
  for (Offset c = 0; c < customers; ++c) {
    append(log, part, parts, log.customer_offset[c], log.customer_offset[c + 1]);
    customer_offset_.push_back(static_cast<Offset>(basket_offset_.size()) - 1);
  }
  append(log, part, parts, log.customer_offset[customers], log.baskets());
  price_ = mean_prices(log, part, parts);
  view_ = log.history();
  view_.price = price_;
  view_.customer_offset = customer_offset_;
  view_.basket_offset = basket_offset_;
  view_.item = item_;
  view_.time = time_;
  if (as_of == kNoTime && !time_.empty()) as_of = *std::max_element(time_.begin(), time_.end());
  view_.as_of = as_of;
  view_.own_clocks = own_clocks;
}

void HistoryPart::append(const OrderLog& log, std::span<const Part> part, Parts parts, Offset begin, Offset end) {
  for_each_order(log, begin, end, [&](Offset first, Offset last) {
    const auto before = static_cast<Offset>(item_.size());
    bool pieces = false;
    for (Offset b = first; b < last; ++b) {
      pieces = pieces || static_cast<Offset>(item_.size()) > before;
      for (Offset l = log.basket_offset[b]; l < log.basket_offset[b + 1]; ++l)
        if (contains(parts, part[l])) item_.push_back(log.line_item[l]);
    }
    if (pieces) {
      std::sort(item_.begin() + before, item_.end());
      item_.erase(std::unique(item_.begin() + before, item_.end()), item_.end());
    }
    if (static_cast<Offset>(item_.size()) == before) return;
    basket_offset_.push_back(static_cast<Offset>(item_.size()));
    if (!log.basket_time.empty()) time_.push_back(log.basket_time[first]);
  });
}

HistoryPart learnt_history(const OrderLog& log, const EvaluateParams& params) {
  return without(log, params.refit == Refit::kFull);
}

HistoryPart read_history(const OrderLog& log, const EvaluateParams& params) {
  return without(log, params.refit != Refit::kNone);
}

}  // namespace nextbest
