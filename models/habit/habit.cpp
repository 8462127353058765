#include "models/habit/habit.hpp"

#include "kernels/math/decay.hpp"
#include "models/select.hpp"

namespace nextbest {
namespace {

class Habit : public Source {
 public:
  Habit(std::vector<std::int64_t> popularity, const HabitParams& params)
      : popularity_(std::move(popularity)), params_(params) {}

  std::string_view name() const override { return "habit"; }

  void candidates(Context& ctx, const HistoryView& history, std::span<const Code> customers, const TopKFilter& filter,
                  const TopKLists& out) const override {
    select_rows(ctx, popularity_, filter, out, [&](Offset row, ScoreSums& sums) {
      const Code customer = customers[row];
      for (Offset b = history.customer_offset[customer]; b < history.customer_offset[customer + 1]; ++b) {
        const auto weight = static_cast<float>(decay(history.as_of, history.basket_time(b), params_.half_life_days));
        for (const Code item : history.basket(b)) sums.add(item, weight);
      }
    });
  }

 private:
  std::vector<std::int64_t> popularity_;
  HabitParams params_;
};

}  // namespace

std::unique_ptr<Source> make_habit_source(std::vector<std::int64_t> popularity, const HabitParams& params) {
  return std::make_unique<Habit>(std::move(popularity), params);
}

}  // namespace nextbest
