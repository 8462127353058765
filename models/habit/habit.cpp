#include "models/habit/habit.hpp"

#include <algorithm>

#include "kernels/math/decay.hpp"
#include "models/select.hpp"

namespace nextbest {
namespace {

constexpr double kPriorBuyers = 5;

class Habit : public Source {
 public:
  Habit(const HistoryView& history, std::vector<std::int64_t> popularity, const HabitParams& params)
      : popularity_(std::move(popularity)), prior_(repeat_rates(history)), params_(params) {
    for (float& prior : prior_) prior *= static_cast<float>(kRepeatPrior);
  }

  std::string_view name() const override { return "habit"; }

  void candidates(Context& ctx, const HistoryView& history, std::span<const Code> customers, const TopKFilter& filter,
                  const TopKLists& out) const override {
    select_rows(ctx, popularity_, filter, out, [&](Offset row, TouchedSums& sums) {
      const Code customer = customers[row];
      const Micros now = history.read_at(customer);
      std::vector<Code> own;
      for (Offset b = history.customer_offset[customer]; b < history.customer_offset[customer + 1]; ++b) {
        const auto weight = static_cast<float>(decay(now, history.basket_time(b), params_.half_life_days));
        for (const Code item : history.basket(b)) sums.add(item, weight);
        own.insert(own.end(), history.basket(b).begin(), history.basket(b).end());
      }
      std::sort(own.begin(), own.end());
      own.erase(std::unique(own.begin(), own.end()), own.end());
      for (const Code item : own) sums.add(item, prior_[item]);
    });
  }

 private:
  std::vector<std::int64_t> popularity_;
  std::vector<float> prior_;  // of an item that the customer has
  HabitParams params_;
};

}  // namespace

std::vector<float> repeat_rates(const HistoryView& history) {
  struct Seen {
    Code customer = kNoCode;
    bool again = false;
  };
  std::vector<Seen> seen(history.items);
  std::vector<double> buyers(history.items), repeaters(history.items);
  double all_buyers = 0, all_repeaters = 0;
  for (Code c = 0; c < static_cast<Code>(history.customers()); ++c) {
    for (Offset b = history.customer_offset[c]; b < history.customer_offset[c + 1]; ++b) {
      for (const Code item : history.basket(b)) {
        const bool first = seen[item].customer != c;
        if (first) {
          seen[item] = {c, false};
          ++buyers[item];
          ++all_buyers;
        } else if (!seen[item].again) {
          seen[item].again = true;
          ++repeaters[item];
          ++all_repeaters;
        }
      }
    }
  }
  std::vector<float> rate(history.items, 1.0f);
  if (all_repeaters == 0) return rate;
  const double mean = all_repeaters / all_buyers;
  for (std::size_t i = 0; i < rate.size(); ++i)
    rate[i] = static_cast<float>((repeaters[i] + kPriorBuyers * mean) / (buyers[i] + kPriorBuyers));
  return rate;
}

std::unique_ptr<Source> make_habit_source(const HistoryView& history, std::vector<std::int64_t> popularity,
                                          const HabitParams& params) {
  return std::make_unique<Habit>(history, std::move(popularity), params);
}

}  // namespace nextbest
