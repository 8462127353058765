#include <gmock/gmock.h>

#include "host/evaluate/evaluate.hpp"
#include "host/evaluate/evaluation_set.hpp"
#include "host/evaluate/history_part.hpp"
#include "host/evaluate/split.hpp"
#include "kernels/core/error.hpp"
#include "tests/support/small_log.hpp"

namespace nextbest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing_support::small_log;
using testing_support::Times;

constexpr Part T = Part::kTrain, V = Part::kValidation, X = Part::kTest, N = Part::kUnused;

EvaluateParams given(SplitKind kind) {
  EvaluateParams params;
  params.split = kind;
  params.split_given = true;
  params.validation_days = 10;
  params.test_days = 10;
  return params;
}

std::vector<Code> codes_of(const Csr<float>& rows, Offset r) {
  const auto codes = rows.view().row(r);
  return {codes.begin(), codes.end()};
}

TEST(TimeSplit, CutsCountBackFromTheEndAndWholeOrdersFallOnOneSide) {
  // The end is day 40: test is (30, 40], validation (20, 30]. Day 30 itself is history.
  const OrderLog log =
      small_log({{0, 5, {0, 1}}, {0, 25, {2}}, {0, 30, {3}}, {0, 31, {1, 4}}, {1, 40, {0}}, {-1, 35, {7}}});
  const SplitPlan plan = plan_split(log, given(SplitKind::kTime), 1);
  EXPECT_THAT(plan.part, ElementsAre(T, T, V, V, X, X, X, X));
  EXPECT_EQ(plan.history_until, 30 * kMicrosPerDay);
  EXPECT_EQ(plan.train_until, 20 * kMicrosPerDay);
}

TEST(TimeSplit, TargetsAreKnownItemsOfCustomersWithHistory) {
  const OrderLog log = small_log({{0, 5, {0, 1}}, {0, 31, {1, 4, 9}}, {1, 35, {0}}, {2, 6, {4}}, {2, 40, {9}}});
  const SplitPlan plan = plan_split(log, given(SplitKind::kTime), 1);
  const HistoryPart history(log, plan.part, Part::kTrain | Part::kValidation, plan.history_until, plan.own_clocks);
  const SelectedTargets all = select_targets(log, plan.part, X, history.view(), target_rules("time", Targets::kAll));
  EXPECT_THAT(all.set.customer, ElementsAre(0));
  EXPECT_THAT(codes_of(all.set.targets, 0), ElementsAre(1, 4));
  EXPECT_THAT(codes_of(all.set.history, 0), ElementsAre(0, 1));
  EXPECT_EQ(all.customers_without_history, 1);
  EXPECT_EQ(all.unknown_targets, 2);
  EXPECT_EQ(all.set.known_items, 3);

  const SelectedTargets fresh = select_targets(log, plan.part, X, history.view(), target_rules("time", Targets::kNew));
  EXPECT_THAT(codes_of(fresh.set.targets, 0), ElementsAre(4));
}

TEST(TimeSplit, OrdersAfterTheEndAreNotUsed) {
  OrderLog log = small_log({{0, 5, {0}}, {0, 35, {0}}, {0, 45, {2}}});
  log.as_of = 40 * kMicrosPerDay;
  EXPECT_THAT(plan_split(log, given(SplitKind::kTime), 1).part, ElementsAre(T, X, N));
}

TEST(TimeSplit, ThatTheDataDoNotCoverIsAnInputError) {
  const OrderLog log = small_log({{0, 5, {0}}, {0, 8, {1}}});
  try {
    plan_split(log, given(SplitKind::kTime), 1);
    FAIL() << "no error";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("the orders cover 3.0 days"));
    EXPECT_EQ(error.exit_code(), ExitCode::kData);
  }
  EXPECT_THAT(why_not_evaluated(small_log({{0, 0, {0, 1}}}, Times::kNo), given(SplitKind::kTime)),
              HasSubstr("have no times"));
}

TEST(LastOrderSplit, OneOrderStaysForTraining) {
  const OrderLog log =
      small_log({{0, 1, {0}}, {0, 2, {1, 2}}, {0, 3, {3}}, {1, 1, {0}}, {1, 9, {1}}, {2, 4, {5, 6}}, {-1, 9, {7}}});
  const SplitPlan plan = plan_split(log, given(SplitKind::kLastOrder), 1);
  EXPECT_THAT(plan.part, ElementsAre(T, V, V, X, T, X, T, T, T));
}

TEST(LastItemSplit, LatestLineThenLargestCode) {
  OrderLog log = small_log({{0, 1, {0, 4}}, {0, 2, {1, 2}}, {1, 1, {0, 5}}, {2, 1, {3}}});
  EXPECT_THAT(plan_split(log, given(SplitKind::kLastItem), 1).part, ElementsAre(T, T, V, X, T, X, T));
  // Lines of one order may have times of their own: here item 0 of the first order came last of all.
  const Micros day = kMicrosPerDay;
  log.line_time = {3 * day, 1 * day, 2 * day, 2 * day, 1 * day, 1 * day, 1 * day};
  EXPECT_THAT(plan_split(log, given(SplitKind::kLastItem), 1).part, ElementsAre(X, T, T, V, T, X, T));
}

TEST(ColumnSplit, FollowsTheColumn) {
  const OrderLog log = small_log({{0, 1, {0}},
                                  {0, 2, {1}, Split::kValidation},
                                  {0, 3, {2}, Split::kTest},
                                  {1, 1, {3}},
                                  {1, 3, {9}, Split::kTest}});
  const SplitPlan plan = plan_split(log, given(SplitKind::kColumn), 1);
  EXPECT_THAT(plan.part, ElementsAre(T, V, X, T, X));
  EXPECT_EQ(plan.validation, "column");
  // Every target of a published protocol counts, also an item that nobody bought before.
  const HistoryPart history(log, plan.part, Part::kTrain | Part::kValidation, plan.history_until, plan.own_clocks);
  const SelectedTargets selected =
      select_targets(log, plan.part, X, history.view(), target_rules("column", Targets::kAll));
  EXPECT_THAT(selected.set.customer, ElementsAre(0, 1));
  EXPECT_THAT(codes_of(selected.set.targets, 1), ElementsAre(9));
  EXPECT_EQ(history.view().as_of, 2 * kMicrosPerDay);
}

TEST(ColumnSplit, WithoutValidationLinesALastOrderIsCarvedOut) {
  const OrderLog log =
      small_log({{0, 1, {0}}, {0, 2, {1}}, {0, 3, {2}, Split::kTest}, {1, 1, {3}}, {1, 4, {4}}, {2, 2, {5}}});
  const SplitPlan plan = plan_split(log, given(SplitKind::kColumn), 1);
  EXPECT_EQ(plan.validation, "last_order");
  EXPECT_THAT(plan.part, ElementsAre(T, V, X, T, V, T));
}

TEST(ColumnSplit, ALaterTestPartIsImitatedByTime) {
  const OrderLog log = small_log(
      {{0, 1, {0}}, {0, 20, {1}}, {0, 21, {2}, Split::kTest}, {1, 2, {3}}, {1, 19, {4}}, {1, 25, {4}, Split::kTest}});
  const SplitPlan plan = plan_split(log, given(SplitKind::kColumn), 1);
  EXPECT_EQ(plan.validation, "time");
  EXPECT_THAT(plan.part, ElementsAre(T, V, X, T, V, X));
}

TEST(ColumnSplit, WithoutTimesTheShareOfTheTestPartIsHidden) {
  // 4 of 10 lines are test: 40 % of the 6 training lines of customer 0 are hidden, and one of the two of customer 1.
  const OrderLog log = small_log({{0, 0, {0, 1, 2, 3, 4, 5}},
                                  {0, 0, {6, 7, 8}, Split::kTest},
                                  {1, 0, {1, 2}},
                                  {1, 0, {3}, Split::kTest},
                                  {2, 0, {4}}},
                                 Times::kNo);
  const SplitPlan plan = plan_split(log, given(SplitKind::kColumn), 1);
  EXPECT_EQ(plan.validation, "hidden_items");
  const auto first = plan.part.begin();
  EXPECT_EQ(std::count(first, first + 6, V), 2);
  EXPECT_EQ(std::count(first + 9, first + 11, V), 1);
  EXPECT_EQ(plan.part[12], T);
  EXPECT_EQ(plan.part, plan_split(log, given(SplitKind::kColumn), 1).part);
}

TEST(ColumnSplit, NeedsTestLines) {
  EXPECT_THAT(why_not_evaluated(small_log({{0, 1, {0}}, {0, 2, {1}}}), given(SplitKind::kColumn)),
              HasSubstr("no line is marked `test`"));
}

TEST(LastOrderSplit, NeedsCustomers) {
  EXPECT_THAT(why_not_evaluated(small_log({{-1, 1, {0}}}), given(SplitKind::kLastOrder)), HasSubstr("no customers"));
}

TEST(ChosenSplit, GoesByWhatTheDataHave) {
  EvaluateParams params = given(SplitKind::kTime);
  params.split_given = false;
  EXPECT_EQ(plan_split(small_log({{0, 5, {0}}, {0, 35, {0}}}), params, 1).kind, "time");
  EXPECT_EQ(plan_split(small_log({{0, 5, {0}}, {0, 8, {1}}}), params, 1).kind, "last_order");
  EXPECT_EQ(plan_split(small_log({{0, 5, {0}}, {0, 8, {1}, Split::kTest}}), params, 1).kind, "column");
  EXPECT_EQ(plan_split(small_log({{0, 0, {0, 1, 2}}}, Times::kNo), params, 1).kind, "hidden_items");
  EXPECT_EQ(plan_split(small_log({{-1, 5, {0, 1}}, {-1, 35, {0, 1}}}), params, 1).kind, "time");
  EXPECT_THAT(why_not_evaluated(small_log({{-1, 5, {0, 1}}, {-1, 35, {0, 2}}}), params),
              HasSubstr("no test order has two different items"));
  // In time there would be a test order, but of an item that nobody bought before.
  const OrderLog unknown = small_log({{0, 5, {0}}, {0, 25, {0}}, {0, 35, {1}}});
  EXPECT_EQ(plan_split(unknown, params, 1).kind, "last_order");
  params.refit = Refit::kNone;
  EXPECT_EQ(plan_split(small_log({{0, 25, {0}}, {0, 40, {0}}}), params, 1).kind, "last_order");
}

TEST(EarlierWindow, EndsWhereTheTrainingPartEnds) {
  const OrderLog log = small_log({{0, 5, {0}}, {0, 15, {1}}, {0, 25, {2}}, {0, 40, {0}}});
  const SplitPlan plan = plan_split(log, given(SplitKind::kTime), 1);
  ASSERT_THAT(plan.part, ElementsAre(T, T, V, X));
  const SplitPlan earlier = plan_earlier(log, plan, 1);
  EXPECT_THAT(earlier.part, ElementsAre(T, V, N, N)) << "neither validation nor test lines";
  EXPECT_EQ(earlier.train_until, 10 * kMicrosPerDay);
}

TEST(EarlierWindow, IsMadeLikeTheValidationPart) {
  const OrderLog log = small_log({{0, 5, {0}}, {0, 15, {1, 2}}, {0, 25, {2}}, {0, 40, {3}}});
  EXPECT_THAT(plan_earlier(log, plan_split(log, given(SplitKind::kLastOrder), 1), 1).part, ElementsAre(T, V, V, N, N));
  EXPECT_THAT(plan_earlier(log, plan_split(log, given(SplitKind::kLastItem), 1), 1).part, ElementsAre(T, T, V, N, N));
}

TEST(ValidationOnly, TakesTheNewestPart) {
  const OrderLog log = small_log({{0, 5, {0}}, {0, 35, {0}}, {1, 6, {2}}});
  const SplitPlan plan = plan_validation(log, given(SplitKind::kTime), 1);
  EXPECT_THAT(plan.part, ElementsAre(T, V, T));
  EXPECT_EQ(plan.train_until, 25 * kMicrosPerDay);
  EXPECT_EQ(plan_validation(small_log({{-1, 1, {0}}}), given(SplitKind::kTime), 1).kind, "none");
}

TEST(ValidationOnly, LeavesTestLinesOfAColumnAlone) {
  const OrderLog log = small_log({{0, 5, {0}}, {0, 6, {1}, Split::kValidation}, {0, 8, {2}, Split::kTest}});
  EXPECT_THAT(plan_validation(log, given(SplitKind::kColumn), 1).part, ElementsAre(T, V, N));
}

TEST(OwnClocks, WhereTheNextOrderIsAskedForAndNotWhatHappensAfterOneDay) {
  const OrderLog log = small_log({{0, 5, {0}}, {0, 25, {0}}, {1, 26, {2}}, {1, 27, {2}}, {1, 45, {2}}});
  EXPECT_FALSE(plan_split(log, given(SplitKind::kTime), 1).own_clocks);
  const SplitPlan next = plan_split(log, given(SplitKind::kLastOrder), 1);
  EXPECT_TRUE(next.own_clocks) << "customer 0 is asked for day 25, when customer 1 has not begun";
  EXPECT_TRUE(plan_earlier(log, next, 1).own_clocks);
  EXPECT_TRUE(plan_validation(log, given(SplitKind::kLastOrder), 1).own_clocks);
  // A column may hold either.
  const OrderLog by_day =
      small_log({{0, 5, {0}}, {1, 6, {2}}, {0, 7, {0}, Split::kValidation}, {1, 9, {1}, Split::kTest}});
  EXPECT_FALSE(plan_split(by_day, given(SplitKind::kColumn), 1).own_clocks);
  const OrderLog by_customer =
      small_log({{0, 5, {0}}, {1, 6, {2}}, {0, 6, {0}, Split::kValidation}, {1, 9, {1}, Split::kTest}});
  EXPECT_TRUE(plan_split(by_customer, given(SplitKind::kColumn), 1).own_clocks);
  EXPECT_FALSE(plan_split(small_log({{0, 0, {0, 1, 2}}}, Times::kNo), {}, 1).own_clocks);
}

TEST(HistoryPartTest, PiecesOfOneOrderAreOneOrderAgain) {
  const OrderLog log = small_log(
      {{0, 0, {1, 5}}, {0, 0, {0, 3}, Split::kValidation}, {0, 0, {7}, Split::kTest}, {1, 0, {2}, Split::kTest}},
      Times::kNo);
  const SplitPlan plan = plan_split(log, given(SplitKind::kColumn), 1);
  const HistoryPart both(log, plan.part, Part::kTrain | Part::kValidation, kNoTime, false);
  EXPECT_EQ(both.view().baskets(), 1);
  EXPECT_EQ(both.view().customers(), 2);
  EXPECT_THAT(std::vector<Code>(both.view().item.begin(), both.view().item.end()), ElementsAre(0, 1, 3, 5));
  EXPECT_FALSE(both.view().has_times());
}

TEST(HistoryPartTest, PricesAreThoseOfItsOwnLines) {
  OrderLog log = small_log({{0, 5, {0, 1}}, {0, 25, {0}}, {0, 40, {0, 2}}});
  EXPECT_TRUE(HistoryPart(log).view().price.empty()) << "nothing is known of prices";
  log.line_price = {2 * kUnit, kNoValue, 4 * kUnit, 9 * kUnit, 7 * kUnit};
  const SplitPlan plan = plan_split(log, given(SplitKind::kTime), 1);
  const HistoryPart train(log, plan.part, Part::kTrain | Part::kValidation, plan.history_until, plan.own_clocks);
  const auto price = train.view().price;
  EXPECT_EQ(price[0], 3);
  EXPECT_EQ(price[1], 0);
  EXPECT_EQ(price[2], 0) << "sold in the test part alone";
  EXPECT_EQ(HistoryPart(log).view().price[0], 5);
  EXPECT_EQ(HistoryPart(log).view().price[2], 7);
}

TEST(HistoryPartTest, GroupsOfTheCatalogue) {
  OrderLog log = small_log({{0, 5, {0, 1}}, {0, 25, {0}}});
  EXPECT_TRUE(log.history().category.empty() && log.history().department.empty() && log.history().brand.empty());
  const Categorical broad{{"a"}, std::vector<Code>(10, 0)}, fine{{"b", "c"}, {0, 0, 0, 0, 0, 1, 1, 1, 1, 1}};
  log.catalogue.category = {broad};
  EXPECT_EQ(log.history().category.data(), log.catalogue.category[0].code.data());
  EXPECT_TRUE(log.history().department.empty()) << "one level is not seen twice";
  log.catalogue.category = {broad, fine};
  log.catalogue.brand = fine;
  EXPECT_EQ(log.history().category[9], 1);
  EXPECT_EQ(log.history().department[9], 0);
  EXPECT_EQ(log.history().brand[9], 1);
}

TEST(HistoryPartTest, ProductionNeverSeesTestLines) {
  const OrderLog log =
      small_log({{0, 5, {0}}, {0, 6, {1}, Split::kValidation}, {0, 8, {2}, Split::kTest}, {-1, 3, {4}}});
  EvaluateParams params = given(SplitKind::kColumn);
  const auto items = [](const HistoryPart& part) {
    return std::vector<Code>(part.view().item.begin(), part.view().item.end());
  };
  EXPECT_THAT(items(learnt_history(log, params)), ElementsAre(0, 1, 4));
  params.refit = Refit::kHistory;
  EXPECT_THAT(items(learnt_history(log, params)), ElementsAre(0, 4));
  EXPECT_THAT(items(read_history(log, params)), ElementsAre(0, 1, 4));
  params.refit = Refit::kNone;
  EXPECT_THAT(items(read_history(log, params)), ElementsAre(0, 4));
  EXPECT_EQ(read_history(log, params).view().as_of, log.as_of);
}

TEST(SampleCustomers, KeepsRowsTogether) {
  EvaluationSet set;
  for (Code c = 0; c < 1000; ++c) {
    set.customer.push_back(c);
    set.targets.indices.push_back(c % 7);
    set.targets.indptr.push_back(c + 1);
    set.history.indptr.push_back(0);
  }
  const EvaluationSet some = sample_customers(set, 100, 3);
  EXPECT_GT(some.customer.size(), 60u);
  EXPECT_LT(some.customer.size(), 140u);
  for (std::size_t r = 0; r < some.customer.size(); ++r)
    EXPECT_THAT(codes_of(some.targets, static_cast<Offset>(r)), ElementsAre(some.customer[r] % 7));
  EXPECT_EQ(sample_customers(set, 1000, 3).customer.size(), 1000u);
}

}  // namespace
}  // namespace nextbest
