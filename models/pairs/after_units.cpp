#include <algorithm>

#include "models/pairs/pair_table.hpp"
#include "models/pairs/unit_writer.hpp"

namespace nextbest {
namespace {

/// The baskets of one customer, cut to the cap; ascending in time.
struct CustomerBaskets {
  std::vector<Offset> offset;
  std::vector<Code> item;
  std::vector<Micros> time;

  void read(const HistoryView& history, Code customer, ItemSampler& cut) {
    offset.assign(1, 0);
    item.clear();
    time.clear();
    for (Offset b = history.customer_offset[customer]; b < history.customer_offset[customer + 1]; ++b) {
      const auto kept = cut(history.basket(b));
      if (kept.empty() || history.basket_time(b) == kNoTime) continue;
      item.insert(item.end(), kept.begin(), kept.end());
      offset.push_back(static_cast<Offset>(item.size()));
      time.push_back(history.basket_time(b));
    }
  }
  Offset size() const { return static_cast<Offset>(time.size()); }
  /// The first basket that is later than basket b; later_than_next is that of b + 1.
  Offset first_later(Offset b, Offset later_than_next) const {
    return b + 1 == size() || time[b + 1] > time[b] ? b + 1 : later_than_next;
  }
  std::span<const Code> basket(Offset b) const { return std::span(item).subspan(offset[b], offset[b + 1] - offset[b]); }
};

/// The distinct items of the baskets from `first` to `latest`, nearest first, as whole baskets until kMaxHistoryLines
/// lines.
void read_later(const CustomerBaskets& baskets, Offset first, Micros latest, std::vector<Code>& later) {
  later.clear();
  for (Offset f = first; f < baskets.size() && baskets.time[f] <= latest; ++f) {
    const auto basket = baskets.basket(f);
    if (!later.empty() && later.size() + basket.size() > kMaxHistoryLines) break;
    later.insert(later.end(), basket.begin(), basket.end());
  }
  std::sort(later.begin(), later.end());
  later.erase(std::unique(later.begin(), later.end()), later.end());
}

}  // namespace

PairUnitsData after_units(const HistoryView& history, const PairsParams& params) {
  UnitWriter units(history, params);
  units.with_partners();
  ItemSampler cut(params.seed, params.max_basket_lines);
  if (!history.has_times()) return units.take(cut);
  const Micros window = static_cast<Micros>(params.window_days * static_cast<double>(kMicrosPerDay));
  CustomerBaskets baskets;
  std::vector<Code> later;
  std::vector<Offset> first_later;
  for (Code c = 0; c < history.customers(); ++c) {
    baskets.read(history, c, cut);
    first_later.assign(baskets.size() + 1, baskets.size());
    for (Offset e = baskets.size() - 1; e >= 0; --e) first_later[e] = baskets.first_later(e, first_later[e + 1]);
    for (Offset e = 0; e < baskets.size(); ++e) {
      read_later(baskets, first_later[e], baskets.time[e] + window, later);
      if (!later.empty()) units.add(baskets.basket(e), later, c, baskets.time[e]);
    }
  }
  return units.take(cut);
}

}  // namespace nextbest
