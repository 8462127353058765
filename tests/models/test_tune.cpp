#include <cmath>
#include <optional>

#include <gmock/gmock.h>

#include "kernels/core/error.hpp"
#include "models/tune/search.hpp"
#include "tests/support/histories.hpp"

namespace nextbest::test {
namespace {

// Customers who bought one thing often, long ago, and have since turned to another: only a short half-life of habit
// (and recent popularity) sees it.
struct Changed {
  static constexpr Code kCustomers = 90;

  Changed() : shop(200, baskets(), 400) {
    TuneWindow window{shop.view(), {}, {}};
    window.targets.cols = 200;
    for (Code c = 0; c < kCustomers; ++c) {
      window.customers.push_back(c);
      window.targets.indices.push_back(100 + c);
      window.targets.indptr.push_back(c + 1);
    }
    task.emplace(TuneTask{{window}, false});
  }
  static std::vector<std::vector<Basket>> baskets() {
    std::vector<std::vector<Basket>> all;
    for (Code c = 0; c < kCustomers; ++c) {
      std::vector<Basket> of;
      for (double day = 100; day < 112; ++day) of.push_back({day, {c}});
      of.push_back({380, {100 + c}});
      all.push_back(of);
    }
    return all;
  }
  TestHistory shop;
  std::optional<TuneTask> task;
};

RecommenderParams start() {
  RecommenderParams params;
  params.recommend.sources = {"habit", "popularity"};
  params.recommend.params.habit.half_life_days = 700;
  return params;
}

TuneOptions trials(int n) {
  TuneOptions options;
  options.trials = n;
  return options;
}

TEST(TuneSpace, FieldsComeAndGo) {
  RecommenderParams params;
  std::vector<TunedField> fields = tuned_fields(params, "item_item");
  ASSERT_GT(fields.size(), 3u);
  EXPECT_EQ(fields[0].name, "user_exponent");
  fields[0].value = 0.25;
  const RecommenderParams changed = with_fields(params, "item_item", fields);
  EXPECT_EQ(changed.recommend.params.item_item.user_exponent, 0.25);
  EXPECT_EQ(changed.recommend.params.item_item.neighbours, params.recommend.params.item_item.neighbours);
  EXPECT_EQ(changed.recommend.params.together.neighbours, params.recommend.params.together.neighbours);
  EXPECT_FALSE(tuned_fields(params, "ials").empty());
  EXPECT_TRUE(tuned_fields(params, "no such source").empty());
}

TEST(TuneSpace, DrawsStayInsideTheSearch) {
  Draws draws(1, 1);
  for (const char* source : {"habit", "voting", "together", "item_item", "popularity", "ials"}) {
    for (TunedField field : tuned_fields({}, source)) {
      const double value_before = field.value;
      for (int i = 0; i < 300; ++i) {
        field.value = i % 2 ? draw_anywhere(field, draws) : draw_near(field, 0.3, draws);
        if (!field.names.empty()) {
          EXPECT_GE(field.value, 0);
          EXPECT_LT(field.value, static_cast<double>(field.names.size()));
        } else if (field.value != value_before && !(field.search.zero && field.value == 0)) {
          EXPECT_GE(field.value, field.search.from) << field.name;
          EXPECT_LE(field.value, field.search.to) << field.name;
        }
        if (field.whole) {
          EXPECT_EQ(field.value, std::round(field.value)) << field.name;
        }
      }
    }
  }
}

TEST(Tune, FindsTheHalfLifeThatThePlantedCustomersNeed) {
  const Changed changed;
  Context ctx;
  const TuneResult found = tune(ctx, *changed.task, start(), trials(24), {});
  EXPECT_LT(found.ndcg_before, 0.9);
  EXPECT_GT(found.ndcg_after, 0.99);
  EXPECT_LT(found.params.recommend.params.habit.half_life_days, 400);
  EXPECT_EQ(found.trials, 24);
  EXPECT_GT(found.gains[0], 0.05) << "habit";
}

// The same customers at a moment when they still bought the old things: what helps today would have hurt then.
TEST(Tune, WhatHelpsAtOneMomentOnlyIsNotTaken) {
  Changed changed;
  TuneWindow before = changed.task->windows[0];
  for (Code& target : before.targets.indices) target -= 100;
  changed.task->windows.push_back(before);
  Context ctx;
  std::vector<TrialRecord> records;
  TuneCallbacks keep;
  keep.record = [&](std::size_t, const TrialRecord& record) { records.push_back(record); };
  const TuneResult found = tune(ctx, *changed.task, start(), trials(24), keep);
  EXPECT_EQ(found.params.recommend.params.habit.half_life_days, 700);
  bool mixed = false;
  for (const TrialRecord& record : records) {
    mixed = mixed || (record.source == "habit" && record.least_gain < -0.01);
    EXPECT_LE(record.least_gain, record.gain);
  }
  EXPECT_TRUE(mixed) << "shorter half-lives were tried, and lost at the other moment";
}

TEST(TuneSpace, MovesChangeOneFieldOrTwo) {
  Draws draws(3, 1);
  const std::vector<TunedField> from = tuned_fields({}, "together");
  int ones = 0;
  for (int i = 0; i < 200; ++i) {
    const std::vector<TunedField> to = draw_move(from, 0.25, i % 2 == 0, draws);
    int moved = 0;
    for (std::size_t f = 0; f < from.size(); ++f) moved += from[f].value != to[f].value;
    EXPECT_LE(moved, 2);
    ones += moved == 1;
  }
  EXPECT_GT(ones, 80);
}

TEST(Tune, ThreadsAndAnInterruptionInBetweenDoNotChangeWhatIsFound) {
  const Changed changed;
  Context one, three{Device::kCpu, 3, {}, {}};
  std::vector<TrialRecord> records;
  TuneCallbacks keep;
  keep.record = [&](std::size_t index, const TrialRecord& record) {
    EXPECT_EQ(index, records.size());
    records.push_back(record);
  };
  const TuneResult whole = tune(one, *changed.task, start(), trials(20), keep);
  const TuneResult threads = tune(three, *changed.task, start(), trials(20), {});
  EXPECT_EQ(whole.ndcg_after, threads.ndcg_after);
  EXPECT_EQ(whole.params.recommend.params.habit.half_life_days, threads.params.recommend.params.habit.half_life_days);

  const std::size_t half = records.size() / 2;
  std::size_t measured = 0;
  TuneCallbacks resume;
  resume.recall = [&](std::size_t index) { return index < half ? &records[index] : nullptr; };
  resume.record = [&](std::size_t index, const TrialRecord& record) {
    ++measured;
    EXPECT_EQ(record.gain, records[index].gain) << index;
  };
  const TuneResult resumed = tune(one, *changed.task, start(), trials(20), resume);
  EXPECT_EQ(measured, records.size() - half) << "nothing twice";
  EXPECT_EQ(resumed.ndcg_after, whole.ndcg_after);
  EXPECT_EQ(resumed.params.recommend.params.habit.half_life_days, whole.params.recommend.params.habit.half_life_days);
}

TEST(Tune, WithoutTimeOrGainNothingChanges) {
  const Changed changed;
  Context ctx;
  TuneOptions none;
  none.seconds_left = [] { return -1.0; };
  const TuneResult found = tune(ctx, *changed.task, start(), none, {});
  EXPECT_EQ(found.trials, 0);
  EXPECT_EQ(found.params.recommend.params.habit.half_life_days, 700);
  EXPECT_EQ(found.ndcg_after, found.ndcg_before);
}

TEST(Tune, StopsWhenCancelled) {
  const Changed changed;
  Context ctx;
  ctx.cancelled = [] { return true; };
  EXPECT_THROW(tune(ctx, *changed.task, start(), trials(5), {}), Interrupted);
}

}  // namespace
}  // namespace nextbest::test
