#include "host/synth/customer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/core/draws.hpp"

namespace nextbest {
namespace {

constexpr std::int64_t kMeanBasket = 6, kLeastBasket = 2;
constexpr double kActivitySpread = 0.8;  ///< of the logarithm of a customer's number of lines
constexpr double kOwnShare = 0.2;        ///< of the draws: something bought before
constexpr double kTasteShare = 0.3;      ///< of the draws: from a favourite category
constexpr double kReturnChance = 0.015;
constexpr double kPromotionChance = 0.1;
constexpr double kSeasonHalfWidth = 45;  ///< days around the peak in which a seasonal item is sold

/// Something that will be bought on a day to come.
struct Due {
  Micros time;
  Code item;
  bool operator<(const Due& other) const { return time != other.time ? time > other.time : item > other.item; }
};

double day_of_year(Micros time) {
  return std::fmod(static_cast<double>(time / kMicrosPerDay), 365.25);
}

/// One customer's life, basket by basket.
class Customer {
 public:
  Customer(const World& world, std::int64_t number, double visit_scale)
      : world_(world),
        number_(number),
        draws_(world.params.seed, static_cast<std::uint64_t>(number)),
        bulk_(world.is_bulk(number)) {
    for (Code& category : favourites_) {
      category = static_cast<Code>(draws_.below(static_cast<std::int64_t>(world.categories.size())));
    }
    plan_visits(visit_scale);
  }

  std::vector<SynthOrder> live() {
    std::size_t visit = 0;
    while (visit < visits_.size() || !due_.empty()) {
      if (visit < visits_.size() && (due_.empty() || visits_[visit] <= due_.front().time)) {
        shop(visits_[visit++]);
      } else {
        buy_what_is_due();
      }
    }
    return in_time_order();
  }

 private:
  void plan_visits(double visit_scale) {
    const World& w = world_;
    const double mean = static_cast<double>(w.params.lines) / static_cast<double>(w.customers);
    const double lines = mean * std::exp(kActivitySpread * draws_.normal() - kActivitySpread * kActivitySpread / 2);
    const double wanted = lines * visit_scale;
    auto count = static_cast<std::int64_t>(wanted);
    if (draws_.chance(wanted - static_cast<double>(count))) ++count;
    for (std::int64_t i = 0; i < count; ++i) {
      const Micros day = w.begin + draws_.below(w.params.days) * kMicrosPerDay;
      visits_.push_back(day + moment_of_day());
    }
    std::sort(visits_.begin(), visits_.end());
  }

  /// Shops are open from 8 to 20 o'clock.
  Micros moment_of_day() { return (8 * 3600 + draws_.below(12 * 3600)) * Micros{1'000'000}; }

  void shop(Micros time) {
    const bool december = day_of_year(time) > 334;
    begin_order(time, draws_.chance(december ? 0.1 : 0.01));
    fill_basket(kLeastBasket, 2 * kMeanBasket - kLeastBasket);
    end_order();
  }

  void buy_what_is_due() {
    const Micros time = due_.front().time;
    begin_order(time, false);
    while (!due_.empty() && due_.front().time < time + kMicrosPerDay / 4) {
      const Code item = due_.front().item;
      std::pop_heap(due_.begin(), due_.end());
      due_.pop_back();
      add(item);
    }
    fill_basket(1, 4);
    end_order();
  }

  /// Sizes are spread evenly: were they more uneven, popular items would be together more often than by chance.
  void fill_basket(std::int64_t least, std::int64_t most) {
    const std::int64_t size = least + draws_.below(most - least + 1);
    for (std::int64_t i = bulk_ ? 2 * size : size; i > 0; --i) add(draw_item());
  }

  Code draw_item() {
    const double kind = draws_.uniform();
    if (!gift_ && kind <= kOwnShare && !owned_.empty())
      return owned_[draws_.below(static_cast<std::int64_t>(owned_.size()))];
    if (!gift_ && kind <= kOwnShare + kTasteShare) {
      const std::vector<Code>& members = world_.categories[favourites_[draws_.below(3)]];
      const double u = 1 - draws_.uniform();
      if (!members.empty()) return members[static_cast<std::size_t>(u * u * static_cast<double>(members.size()))];
    }
    return static_cast<Code>(draws_.place(world_.cumulated));
  }

  /// What this customer buys when he reaches for an item; kNoCode when it is out of season.
  Code resolve(Code item) {
    const SynthItem& what = world_.items[item];
    if (what.role == Role::kSubstitute) {
      // One of the two for ever, by a coin that belongs to the customer and the pair.
      const Code first = std::min(item, what.partner), second = std::max(item, what.partner);
      const std::uint64_t pair = (std::uint64_t{1} << 40) + static_cast<std::uint64_t>(first);
      return philox_below(world_.params.seed, static_cast<std::uint64_t>(number_), pair, 2) == 0 ? first : second;
    }
    if (what.role == Role::kLadder) {
      const auto& tiers = world_.ladders[what.ladder];
      return tiers[std::min(tier(what.ladder), tiers.size() - 1)];
    }
    if (what.role == Role::kSeasonal) {
      const double distance = std::fabs(day_of_year(orders_.back().time) - what.days);
      if (std::min(distance, 365.25 - distance) > kSeasonHalfWidth) return kNoCode;
    }
    return item;
  }

  void add(Code drawn) {
    const Code item = resolve(drawn);
    std::vector<SynthLine>& lines = orders_.back().lines;
    if (item == kNoCode) return;
    if (std::any_of(lines.begin(), lines.end(), [item](const SynthLine& line) { return line.item == item; })) return;
    const SynthItem& what = world_.items[item];
    const std::int64_t price = draws_.chance(kPromotionChance) ? what.price * 4 / 5 : what.price;
    lines.push_back({item, quantity(), price});
    owned_.push_back(item);
    if (what.role == Role::kComplement && what.partner != kNoCode && draws_.chance(kComplementChance))
      add(what.partner);
    if (what.role == Role::kFollowUp && what.partner != kNoCode && draws_.chance(kFollowUpChance)) {
      schedule(what.partner, what.days * std::exp(kFollowUpSpread * draws_.normal()));
    }
    if (what.role == Role::kCycle) keep_cycle(item, what.days);
    if (what.role == Role::kLadder && draws_.chance(kLadderChance)) ++tier(what.ladder);
  }

  std::int32_t quantity() {
    if (bulk_) return static_cast<std::int32_t>(20 + draws_.below(180));
    return draws_.chance(0.1) ? static_cast<std::int32_t>(2 + draws_.below(3)) : 1;
  }

  std::size_t& tier(Code ladder) {
    const auto known =
        std::find_if(tiers_.begin(), tiers_.end(), [ladder](const auto& t) { return t.first == ladder; });
    return known != tiers_.end() ? known->second : tiers_.emplace_back(ladder, 0).second;
  }

  void schedule(Code item, double days) {
    const Micros time = orders_.back().time + static_cast<Micros>(days * static_cast<double>(kMicrosPerDay));
    if (time >= world_.end) return;
    due_.push_back({time, item});
    std::push_heap(due_.begin(), due_.end());
  }

  void keep_cycle(Code item, double days) {
    const auto known = std::find_if(cycles_.begin(), cycles_.end(), [item](const auto& c) { return c.first == item; });
    if (known == cycles_.end()) {
      cycles_.emplace_back(item, draws_.chance(kRegularChance));
      if (!cycles_.back().second) return;
    } else if (!known->second) {
      return;
    }
    const bool waiting = std::any_of(due_.begin(), due_.end(), [item](const Due& due) { return due.item == item; });
    if (!waiting) schedule(item, days * std::max(0.3, 1 + kCycleSpread * draws_.normal()));
  }

  void begin_order(Micros time, bool gift) {
    gift_ = gift;
    orders_.push_back({time, gift, -1, {}});
  }

  /// Some lines come back later, as an order of their own with negative quantities.
  void end_order() {
    if (orders_.back().lines.empty()) {
      orders_.pop_back();
      return;
    }
    SynthOrder back{orders_.back().time + (1 + draws_.below(20)) * kMicrosPerDay,
                    false,
                    static_cast<std::int64_t>(orders_.size()) - 1,
                    {}};
    for (const SynthLine& line : orders_.back().lines) {
      if (draws_.chance(kReturnChance)) back.lines.push_back({line.item, -line.quantity, line.price});
    }
    if (!back.lines.empty() && back.time < world_.end) returns_.push_back(std::move(back));
  }

  std::vector<SynthOrder> in_time_order() {
    std::move(returns_.begin(), returns_.end(), std::back_inserter(orders_));
    std::vector<std::size_t> order(orders_.size()), place(orders_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return orders_[a].time < orders_[b].time; });
    for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
    std::vector<SynthOrder> sorted;
    for (const std::size_t i : order) {
      sorted.push_back(std::move(orders_[i]));
      if (sorted.back().returns >= 0) sorted.back().returns = static_cast<std::int64_t>(place[sorted.back().returns]);
    }
    return sorted;
  }

  const World& world_;
  std::int64_t number_;
  Draws draws_;
  bool bulk_, gift_ = false;
  Code favourites_[3];
  std::vector<std::pair<Code, std::size_t>> tiers_;  ///< ladders bought from; how often raised
  std::vector<Micros> visits_;
  std::vector<Due> due_;                       ///< a heap, earliest in front
  std::vector<std::pair<Code, bool>> cycles_;  ///< consumables seen; whether bought regularly
  std::vector<Code> owned_;
  std::vector<SynthOrder> orders_, returns_;
};

}  // namespace

std::vector<SynthOrder> synth_customer(const World& world, std::int64_t customer, double visit_scale) {
  return Customer(world, customer, visit_scale).live();
}

double calibrate_visits(const World& world) {
  double scale = 1.0 / kMeanBasket;
  const double wanted = static_cast<double>(world.params.lines) / static_cast<double>(world.customers);
  const std::int64_t sample = std::clamp<std::int64_t>(static_cast<std::int64_t>(100'000 / wanted), 3, 10'000);
  for (int round = 0; round < 6; ++round) {
    std::int64_t lines = 0;
    for (std::int64_t i = 0; i < sample; ++i) {
      // Customers beyond the last one: the sample is as large for a retailer of three customers.
      for (const SynthOrder& order : synth_customer(world, world.customers + i, scale)) {
        lines += static_cast<std::int64_t>(order.lines.size());
      }
    }
    const double found = static_cast<double>(lines) / static_cast<double>(sample);
    scale *= std::clamp(wanted / std::max(found, 1e-9), 0.1, 10.0);
  }
  return scale;
}

}  // namespace nextbest
