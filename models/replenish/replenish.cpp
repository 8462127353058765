#include "models/replenish/replenish.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/math/decay.hpp"
#include "models/select.hpp"

namespace nextbest {
namespace {

/// Sums over customers with an item, from which the moments follow.
struct Moments {
  double customers = 0, repeats = 0, days = 0, pairs = 0, squared_days = 0;

  void operator+=(const Moments& other) {
    customers += other.customers;
    repeats += other.repeats;
    days += other.days;
    pairs += other.pairs;
    squared_days += other.squared_days;
  }
  /// So many average customers.
  Moments average(double count) const {
    const double share = customers > 0 ? count / customers : 0;
    return {share * customers, share * repeats, share * days, share * pairs, share * squared_days};
  }
  RepeatRate rate() const {
    if (repeats <= 0) return {};
    const double mean = repeats / days;
    const double variance = std::max(pairs / squared_days - mean * mean, mean * mean / 20);
    return {mean * mean / variance, mean / variance};
  }
};

Moments moments_of(std::span<const Micros> purchases, Micros as_of) {
  const double repeats = static_cast<double>(purchases.size()) - 1;
  const double days = std::max(1.0, days_between(purchases.front(), as_of));
  return {1, repeats, days, repeats * (repeats - 1), days * days};
}

/// Calls body(item, times of its purchases, ascending) for every item of a customer.
class Purchases {
 public:
  explicit Purchases(const HistoryView& history) : history_(history) {}

  template <class Body>
  void for_each(Code customer, const Body& body) {
    lines_.clear();
    for (Offset b = history_.customer_offset[customer]; b < history_.customer_offset[customer + 1]; ++b)
      for (const Code item : history_.basket(b)) lines_.emplace_back(item, history_.time[b]);
    std::sort(lines_.begin(), lines_.end());
    for (std::size_t begin = 0; begin < lines_.size();) {
      const Code item = lines_[begin].first;
      times_.clear();
      while (begin < lines_.size() && lines_[begin].first == item) times_.push_back(lines_[begin++].second);
      body(item, std::span<const Micros>(times_));
    }
  }

 private:
  const HistoryView& history_;
  std::vector<std::pair<Code, Micros>> lines_;
  std::vector<Micros> times_;
};

class Replenish : public Source {
 public:
  Replenish(std::vector<RepeatRate> rates, std::vector<std::int64_t> popularity, const ReplenishParams& params)
      : rates_(std::move(rates)), popularity_(std::move(popularity)), params_(params) {}

  std::string_view name() const override { return "replenish"; }

  void candidates(Context& ctx, const HistoryView& history, std::span<const Code> customers, const TopKFilter& filter,
                  const TopKLists& out) const override {
    select_rows(ctx, popularity_, filter, out, [&](Offset row, TouchedSums& sums) {
      if (!history.has_times()) return;
      const Micros now = history.read_at(customers[row]);
      Purchases(history).for_each(customers[row], [&](Code item, std::span<const Micros> times) {
        if (rates_[item].shape > 0)
          sums.add(item, static_cast<float>(replenishment(times, now, rates_[item], params_).probability));
      });
    });
  }

 private:
  std::vector<RepeatRate> rates_;
  std::vector<std::int64_t> popularity_;
  ReplenishParams params_;
};

}  // namespace

std::vector<RepeatRate> fit_repeat_rates(const HistoryView& history, double shrinkage) {
  std::vector<RepeatRate> rates(history.items);
  if (!history.has_times()) return rates;
  std::vector<Moments> of_item(history.items);
  Purchases purchases(history);
  for (Code c = 0; c < static_cast<Code>(history.customers()); ++c)
    purchases.for_each(
        c, [&](Code item, std::span<const Micros> times) { of_item[item] += moments_of(times, history.as_of); });
  const auto category = [&](Offset item) { return history.category.empty() ? kNoCode : history.category[item]; };
  Moments all;
  std::vector<Moments> of_category;
  for (Offset item = 0; item < history.items; ++item) {
    all += of_item[item];
    const Code c = category(item);
    if (c == kNoCode) continue;
    if (c >= static_cast<Code>(of_category.size())) of_category.resize(c + 1);
    of_category[c] += of_item[item];
  }
  for (Moments& sums : of_category) sums += all.average(shrinkage);
  for (Offset item = 0; item < history.items; ++item) {
    const Code c = category(item);
    of_item[item] += (c == kNoCode ? all : of_category[c]).average(shrinkage);
    rates[item] = of_item[item].rate();
  }
  return rates;
}

Replenishment replenishment(std::span<const Micros> purchases, Micros as_of, const RepeatRate& item,
                            const ReplenishParams& params) {
  double count = 0;
  for (const Micros time : purchases.subspan(1)) count += decay(as_of, time, params.half_life_days);
  double days = days_between(purchases.front(), as_of);
  if (params.half_life_days > 0)
    days = params.half_life_days / std::numbers::ln2 * (1 - decay(as_of, purchases.front(), params.half_life_days));
  const double per_day = (count + item.shape) / (days + item.rate);
  return {per_day, -std::expm1(-per_day * params.horizon_days), 1 / per_day};
}

std::unique_ptr<Source> fit_replenish(const HistoryView& history, std::vector<std::int64_t> popularity,
                                      const ReplenishParams& params) {
  return std::make_unique<Replenish>(fit_repeat_rates(history, params.shrinkage), std::move(popularity), params);
}

}  // namespace nextbest
