#include <algorithm>
#include <cmath>

#include "kernels/core/philox.hpp"
#include "kernels/math/decay.hpp"
#include "kernels/math/fixed_point.hpp"
#include "models/pairs/pair_table.hpp"

namespace nextbest {
namespace {

constexpr std::uint64_t kItemStream = 0x7061'6972'0001, kLineStream = 0x7061'6972'0002;

std::uint64_t hash(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  const PhiloxBlock block = philox(seed, stream, index);
  return std::uint64_t{block.word[0]} << 32 | block.word[1];
}

/// Appends units to PairUnitsData, cut and weighted as the contract says.
class UnitWriter {
 public:
  UnitWriter(const HistoryView& history, const PairsParams& params, int cap)
      : history_(history), params_(params), cap_(cap), weighted_(is_weighted(history, params)) {
    data_.baskets.cols = history.items;
  }

  /// items  ascending, distinct
  void add(std::span<const Code> items, Code customer, Micros time) {
    if (items.empty()) return;
    std::span<const Code> kept = items;
    if (static_cast<Offset>(items.size()) > cap_) {
      kept = sample(items);
      ++data_.sampled_units;
      data_.dropped_lines += static_cast<std::int64_t>(items.size() - kept.size());
    }
    data_.baskets.indices.insert(data_.baskets.indices.end(), kept.begin(), kept.end());
    data_.baskets.indptr.push_back(static_cast<Offset>(data_.baskets.indices.size()));
    if (weighted_) data_.weights.push_back(to_fixed(weight(static_cast<double>(kept.size()), time)));
    if (history_.customers() > 0) data_.customers.push_back(customer);
  }

  PairUnitsData take() { return std::move(data_); }

 private:
  static bool is_weighted(const HistoryView& history, const PairsParams& params) {
    return params.basket_weight != BasketWeight::kNone ||
           (params.half_life_days > 0 && history.has_times() && history.as_of != kNoTime);
  }

  double weight(double lines, Micros time) const {
    const double size = std::max(lines, 2.0);  // a basket of one has no pairs; it counts like one of two
    const double recency = history_.as_of == kNoTime ? 1.0 : decay(history_.as_of, time, params_.half_life_days);
    switch (params_.basket_weight) {
      case BasketWeight::kInverse:
        return recency / (size - 1);
      case BasketWeight::kInverseLog:
        return recency / std::log2(1 + size);
      case BasketWeight::kNone:
        break;
    }
    return recency;
  }

  std::span<const Code> sample(std::span<const Code> items) {
    std::uint64_t basket = 0;
    for (const Code item : items) basket += hash(params_.seed, kItemStream, static_cast<std::uint64_t>(item));
    keyed_.clear();
    for (const Code item : items)
      keyed_.emplace_back(hash(basket, kLineStream, static_cast<std::uint64_t>(item)), item);
    std::nth_element(keyed_.begin(), keyed_.begin() + cap_, keyed_.end());
    sampled_.clear();
    for (Offset i = 0; i < cap_; ++i) sampled_.push_back(keyed_[i].second);
    std::sort(sampled_.begin(), sampled_.end());
    return sampled_;
  }

  const HistoryView& history_;
  const PairsParams& params_;
  Offset cap_;
  bool weighted_;
  PairUnitsData data_;
  std::vector<std::pair<std::uint64_t, Code>> keyed_;
  std::vector<Code> sampled_;
};

bool baskets_are_histories(const HistoryView& history) {
  return !history.has_times() && history.customers() > 0 && history.customers() == history.baskets();
}

/// Which window a basket lies in, counted back from as_of; what has no time lies in one of its own.
std::int64_t window_of(const HistoryView& history, Offset basket, double window_days) {
  const Micros time = history.basket_time(basket);
  if (time == kNoTime || history.as_of == kNoTime) return -1;
  if (time >= history.as_of) return 0;
  const double window = window_days * static_cast<double>(kMicrosPerDay);
  return static_cast<std::int64_t>(std::floor(static_cast<double>(history.as_of - time) / window));
}

}  // namespace

PairUnitsData order_units(const HistoryView& history, const PairsParams& params) {
  UnitWriter units(history, params, baskets_are_histories(history) ? kMaxHistoryLines : params.max_basket_lines);
  for (Code c = 0; c < history.customers(); ++c)
    for (Offset b = history.customer_offset[c]; b < history.customer_offset[c + 1]; ++b)
      units.add(history.basket(b), c, history.basket_time(b));
  const Offset nobodys = history.customers() > 0 ? history.customer_offset.back() : 0;
  for (Offset b = nobodys; b < history.baskets(); ++b) units.add(history.basket(b), kNoCode, history.basket_time(b));
  return units.take();
}

PairUnitsData customer_window_units(const HistoryView& history, const PairsParams& params) {
  UnitWriter units(history, params, kMaxHistoryLines);
  std::vector<Code> items;
  for (Code c = 0; c < history.customers(); ++c) {
    Offset b = history.customer_offset[c];
    const Offset end = history.customer_offset[c + 1];
    while (b < end) {
      const std::int64_t window = window_of(history, b, params.window_days);
      Offset last = b;
      items.clear();
      for (; b < end && window_of(history, b, params.window_days) == window; last = b++) {
        const auto basket = history.basket(b);
        items.insert(items.end(), basket.begin(), basket.end());
      }
      std::sort(items.begin(), items.end());
      items.erase(std::unique(items.begin(), items.end()), items.end());
      units.add(items, c, history.basket_time(last));
    }
  }
  return units.take();
}

}  // namespace nextbest
