#include "models/blend/features.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/math/decay.hpp"
#include "models/blend/feature_scale.hpp"
#include "models/blend/own_history.hpp"
#include "models/habit/habit.hpp"

namespace nextbest {
namespace {

constexpr Offset kNoBasket = -2;
constexpr float kNotOffered = 1000;  // place of a candidate that a source does not offer
constexpr std::array kOfSource = {"score", "raw", "place"};
constexpr std::array kOfBlend = {"place", "offers"};
constexpr std::array kOfItem = {"popularity", "recent",      "trend", "repeat_rate",
                                "next_rate",  "last_basket", "age",   "idle"};
constexpr std::array kOfCustomer = {"baskets", "basket_size", "last_size", "idle", "gap", "repeat_share"};
constexpr std::array kOfBoth = {"count", "share",   "top_share", "idle",         "baskets_since",
                                "gap",   "overdue", "decayed",   "decayed_long", "decayed_baskets"};
constexpr std::size_t kItemFeatures = kOfItem.size();

// Sums over a history by item.
struct ItemSums {
  explicit ItemSums(Offset items)
      : orders(items),
        recent(items),
        in_last(items),
        followed(items),
        followed_by_itself(items),
        first(items, kNoTime),
        last(items, kNoTime) {}
  std::vector<std::int64_t> orders, recent, in_last, followed, followed_by_itself;
  std::vector<Micros> first, last;
};

ItemSums sums_of(const HistoryView& history) {
  ItemSums sums(history.items);
  const Micros recent =
      history.has_times() ? history.as_of - static_cast<Micros>(kRecentDays * kMicrosPerDay) : kNoTime;
  for (Offset b = 0; b < history.baskets(); ++b) {
    const Micros t = history.basket_time(b);
    for (const Code item : history.basket(b)) {
      ++sums.orders[item];
      sums.recent[item] += t >= recent;
      if (t == kNoTime) continue;
      sums.first[item] = sums.first[item] == kNoTime ? t : std::min(sums.first[item], t);
      sums.last[item] = std::max(sums.last[item], t);
    }
  }
  std::vector<Offset> newest(history.items, kNoBasket);  // of everybody so far: customers' baskets follow one another
  for (Code c = 0; c < static_cast<Code>(history.customers()); ++c) {
    const Offset end = history.customer_offset[c + 1];
    for (Offset b = history.customer_offset[c]; b < end; ++b) {
      for (const Code item : history.basket(b)) {
        sums.followed_by_itself[item] += b > history.customer_offset[c] && newest[item] == b - 1;
        sums.followed[item] += b + 1 < end;
        sums.in_last[item] += b + 1 == end;
        newest[item] = b;
      }
    }
  }
  return sums;
}

double mean_gap(Micros first, Micros last, double times) {
  return times > 1 ? days_between(first, last) / (times - 1) : kMissingDays;
}

void fill_customer(const OwnHistory& own, float* out) {
  const auto baskets = static_cast<double>(own.baskets), lines = static_cast<double>(own.lines);
  out[0] = log1p(baskets);
  out[1] = log1p(baskets > 0 ? lines / baskets : 0);
  out[2] = log1p(static_cast<double>(own.last_lines));
  out[3] = log1p(baskets > 0 ? days_between(own.last, own.now) : kMissingDays);
  out[4] = log1p(mean_gap(own.first, own.last, baskets));
  out[5] = static_cast<float>(lines > 0 ? 1 - static_cast<double>(own.items.size()) / lines : 0);
}

void fill_both(const OwnHistory& own, Code item, float* out) {
  const Own* found = own.find(item);
  const double count = found ? found->count : 0, baskets = static_cast<double>(own.baskets);
  const double idle = found ? days_between(found->last, own.now) : kMissingDays;
  const double gap = found ? mean_gap(found->first, found->last, count) : kMissingDays;
  out[0] = log1p(count);
  out[1] = static_cast<float>(baskets > 0 ? count / baskets : 0);
  out[2] = static_cast<float>(own.most > 0 ? count / own.most : 0);
  out[3] = log1p(idle);
  out[4] = log1p(found ? static_cast<double>(own.baskets - 1 - found->last_basket) : kMissingDays);
  out[5] = log1p(gap);
  out[6] = log1p(found ? idle / std::max(gap, 1.0) : 0);
  out[7] = found ? log1p(found->decayed) : 0.0f;
  out[8] = found ? log1p(found->decayed_long) : 0.0f;
  out[9] = found ? log1p(found->decayed_baskets) : 0.0f;
}

}  // namespace

BlendFeatures::BlendFeatures(std::vector<std::string> sources, const HistoryView& learnt)
    : sources_(std::move(sources)) {
  for (const std::string& source : sources_)
    for (const char* name : kOfSource) names_.push_back(source + "." + name);
  for (const char* name : kOfBlend) names_.push_back(std::string("blend.") + name);
  for (const char* name : kOfItem) names_.push_back(std::string("item.") + name);
  for (const char* name : kOfCustomer) names_.push_back(std::string("customer.") + name);
  for (const char* name : kOfBoth) names_.push_back(std::string("own.") + name);
  const ItemSums sums = sums_of(learnt);
  const std::pair<const char*, std::span<const Code>> groupings[] = {
      {"category", learnt.category}, {"department", learnt.department}, {"brand", learnt.brand}};
  for (const auto& [name, group] : groupings)
    if (!group.empty()) groupings_.emplace_back(name, group, sums.orders);
  for (const Grouping& grouping : groupings_)
    for (const char* name : Grouping::kFeatures) names_.push_back(grouping.name() + "." + name);
  prices_ = PriceLevels(learnt);
  for (const char* name : prices_.features()) names_.push_back(std::string("price.") + name);

  const std::vector<float> repeats = repeat_rates(learnt);
  item_.resize(learnt.items * static_cast<Offset>(kItemFeatures));
  const auto largest = [](const std::vector<std::int64_t>& values) {
    return log1p(values.empty() ? 0 : static_cast<double>(*std::max_element(values.begin(), values.end())));
  };
  // Counts relative to the best seller's, so that a longer history looks like a shorter one.
  const float orders = largest(sums.orders), recent = largest(sums.recent), in_last = largest(sums.in_last);
  for (Offset i = 0; i < learnt.items; ++i) {
    float* out = item_.data() + i * static_cast<Offset>(kItemFeatures);
    const auto count = static_cast<double>(sums.orders[i]), lately = static_cast<double>(sums.recent[i]);
    out[0] = coarse(log1p(count) - orders, 0.25);
    out[1] = coarse(log1p(lately) - recent, 0.25);
    out[2] = coarse(count > 0 ? lately / count : 0, 0.1);
    out[3] = coarse(repeats[i], 0.05);
    out[4] = coarse(
        (static_cast<double>(sums.followed_by_itself[i]) + 0.5) / (static_cast<double>(sums.followed[i]) + 5), 0.025);
    out[5] = coarse(log1p(static_cast<double>(sums.in_last[i])) - in_last, 0.25);
    out[6] = coarse(log1p(days_between(sums.first[i], learnt.as_of)), 0.5);
    out[7] = coarse(log1p(days_between(sums.last[i], learnt.as_of)), 0.5);
  }
}

void BlendFeatures::fill(const HistoryView& history, Code customer, const CandidatePool& pool,
                         std::span<const Offset> chosen, std::span<float> out) const {
  const OwnHistory own = own_history(history, customer);
  std::array<float, kOfCustomer.size()> of_customer{};
  fill_customer(own, of_customer.data());
  std::vector<std::vector<Grouping::OwnGroup>> groups;
  for (const Grouping& grouping : groupings_) groups.push_back(grouping.groups_of(own));
  const PriceLevels::Taste taste = prices_.taste_of(own);
  float* at = out.data();
  int rank = 0;
  for (const Offset candidate : chosen) {
    const Code item = pool.item[candidate];
    float offers = 0;
    for (std::size_t s = 0; s < sources_.size(); ++s) {
      const Offset place = candidate * static_cast<Offset>(sources_.size()) + static_cast<Offset>(s);
      *at++ = pool.score[place];
      *at++ = pool.raw[place];
      *at++ = pool.place[place] == 0 ? kNotOffered : pool.place[place];
      offers += pool.place[place] != 0;
    }
    *at++ = static_cast<float>(++rank);
    *at++ = offers;
    at = std::copy_n(item_.data() + item * static_cast<Offset>(kItemFeatures), kItemFeatures, at);
    at = std::copy(of_customer.begin(), of_customer.end(), at);
    fill_both(own, item, at);
    at += kOfBoth.size();
    for (std::size_t g = 0; g < groupings_.size(); ++g) {
      groupings_[g].fill(own, groups[g], item, at);
      at += Grouping::kFeatures.size();
    }
    prices_.fill(taste, item, at);
    at += prices_.features().size();
  }
}

}  // namespace nextbest
