#include "models/popularity/popularity.hpp"

#include <algorithm>
#include <limits>

#include "kernels/core/parallel.hpp"
#include "models/select.hpp"

namespace nextbest {
namespace {

class Popularity : public Source {
 public:
  Popularity(const HistoryView& history, const PopularityParams& params) : score_(history.items) {
    const std::vector<std::int64_t> ever = item_orders(history), lately = item_orders(history, params.recent_days);
    for (Code item = 0; item < static_cast<Code>(history.items); ++item) {
      score_[item] = static_cast<float>(lately[item]);
      if (ever[item] > 0) best_.push_back({score_[item], ever[item], item});
    }
    std::sort(best_.begin(), best_.end(), ranks_before);
  }

  std::string_view name() const override { return "popularity"; }

  void candidates(Context& ctx, const HistoryView&, std::span<const Code> customers, const TopKFilter& filter,
                  const TopKLists& out) const override {
    parallel_for(ctx, static_cast<Offset>(customers.size()), 64, [&](Offset begin, Offset end, int) {
      std::vector<Ranked> chosen;
      for (Offset row = begin; row < end; ++row) {
        choose(filter, row, out.item.cols, chosen);
        select_row(filter, row, chosen, out);
      }
    });
  }

 private:
  // The first k of everybody's list that pass, and the pins with their scores.
  void choose(const TopKFilter& filter, Offset row, Offset k, std::vector<Ranked>& chosen) const {
    chosen.clear();
    const std::span<const Code> pins = filter_row(filter.pinned, row);
    for (const Code pin : pins) chosen.push_back({score_[pin], 0, pin});
    const std::size_t wanted = pins.size() + static_cast<std::size_t>(k);
    for (auto it = best_.begin(); it != best_.end() && chosen.size() < wanted; ++it)
      if (std::find(pins.begin(), pins.end(), it->item) == pins.end() && passes(filter, row, it->item))
        chosen.push_back(*it);
  }

  std::vector<float> score_;
  std::vector<Ranked> best_;
};

}  // namespace

std::vector<std::int64_t> item_orders(const HistoryView& history, double days) {
  std::vector<std::int64_t> orders(history.items, 0);
  Micros from = std::numeric_limits<Micros>::min();
  if (days > 0 && history.has_times()) from = history.as_of - static_cast<Micros>(days * kMicrosPerDay);
  for (Offset b = 0; b < history.baskets(); ++b) {
    if (history.has_times() && history.time[b] < from) continue;
    for (const Code item : history.basket(b)) ++orders[item];
  }
  return orders;
}

std::unique_ptr<Source> make_popularity_source(const HistoryView& history, const PopularityParams& params) {
  return std::make_unique<Popularity>(history, params);
}

}  // namespace nextbest
