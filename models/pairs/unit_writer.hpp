#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include "kernels/core/philox.hpp"
#include "kernels/math/decay.hpp"
#include "kernels/math/fixed_point.hpp"
#include "models/pairs/pair_table.hpp"

namespace nextbest {

/// Keeps `cap` items of a larger set: those with the smallest Philox hash of (set, item), where the set's hash is the
/// sum of its items' hashes.
class ItemSampler {
 public:
  ItemSampler(std::uint64_t seed, int cap) : seed_(seed), cap_(cap) {}

  /// items  ascending, distinct; so is the result, which is valid until the next call
  std::span<const Code> operator()(std::span<const Code> items) {
    if (static_cast<Offset>(items.size()) <= cap_) return items;
    ++sampled_sets;
    dropped_items += static_cast<std::int64_t>(items.size()) - cap_;
    std::uint64_t set = 0;
    for (const Code item : items) set += hash(seed_, kItemStream, static_cast<std::uint64_t>(item));
    keyed_.clear();
    for (const Code item : items) keyed_.emplace_back(hash(set, kLineStream, static_cast<std::uint64_t>(item)), item);
    std::nth_element(keyed_.begin(), keyed_.begin() + cap_, keyed_.end());
    kept_.clear();
    for (Offset i = 0; i < cap_; ++i) kept_.push_back(keyed_[i].second);
    std::sort(kept_.begin(), kept_.end());
    return kept_;
  }

  std::int64_t sampled_sets = 0;
  std::int64_t dropped_items = 0;

 private:
  static constexpr std::uint64_t kItemStream = 0x7061'6972'0001, kLineStream = 0x7061'6972'0002;

  static std::uint64_t hash(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
    const PhiloxBlock block = philox(seed, stream, index);
    return std::uint64_t{block.word[0]} << 32 | block.word[1];
  }

  std::uint64_t seed_;
  Offset cap_;
  std::vector<std::pair<std::uint64_t, Code>> keyed_;
  std::vector<Code> kept_;
};

/// Appends units to PairUnitsData and weighs them.
class UnitWriter {
 public:
  UnitWriter(const HistoryView& history, const PairsParams& params)
      : history_(history), params_(params), weighted_(is_weighted(history, params)) {
    data_.baskets.cols = history.items;
  }

  /// A unit of symmetric pairs.
  void add(std::span<const Code> items, Code customer, Micros time) {
    if (items.empty()) return;
    append(data_.baskets, items);
    add_weight(static_cast<double>(items.size()) - 1, customer, time);
  }
  /// A unit of cross pairs.
  void add(std::span<const Code> items, std::span<const Code> partners, Code customer, Micros time) {
    append(data_.baskets, items);
    append(*data_.partners, partners);
    add_weight(static_cast<double>(partners.size()), customer, time);
  }
  /// From here on the units have partners.
  void with_partners() { data_.partners.emplace().cols = history_.items; }

  PairUnitsData take(const ItemSampler& sampler) {
    data_.sampled_units = sampler.sampled_sets;
    data_.dropped_lines = sampler.dropped_items;
    return std::move(data_);
  }

 private:
  static bool is_weighted(const HistoryView& history, const PairsParams& params) {
    return params.basket_weight != BasketWeight::kNone ||
           (params.half_life_days > 0 && history.has_times() && history.as_of != kNoTime);
  }

  static void append(Csr<float>& rows, std::span<const Code> items) {
    rows.indices.insert(rows.indices.end(), items.begin(), items.end());
    rows.indptr.push_back(static_cast<Offset>(rows.indices.size()));
  }

  void add_weight(double others, Code customer, Micros time) {
    if (weighted_) data_.weights.push_back(to_fixed(weight(others, time)));
    if (history_.customers() > 0) data_.customers.push_back(customer);
  }

  double weight(double others, Micros time) const {
    const double m = std::max(others, 1.0);  // a basket of one has no pairs; it counts like one of two
    const double recency = history_.as_of == kNoTime ? 1.0 : decay(history_.as_of, time, params_.half_life_days);
    switch (params_.basket_weight) {
      case BasketWeight::kInverse:
        return recency / m;
      case BasketWeight::kInverseLog:
        return recency / std::log2(2 + m);
      case BasketWeight::kNone:
        break;
    }
    return recency;
  }

  const HistoryView& history_;
  const PairsParams& params_;
  bool weighted_;
  PairUnitsData data_;
};

}  // namespace nextbest
