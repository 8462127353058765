#include <cmath>

#include <gmock/gmock.h>

#include "host/evaluate/baselines.hpp"
#include "host/evaluate/bootstrap.hpp"
#include "host/evaluate/evaluate.hpp"
#include "host/evaluate/history_part.hpp"
#include "host/evaluate/metrics.hpp"
#include "host/evaluate/report.hpp"
#include "host/evaluate/scores.hpp"
#include "tests/support/small_log.hpp"

namespace nextbest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing_support::small_log;
using testing_support::Times;

double value_of(const ListMetrics& metrics, std::string_view name) {
  return metrics[std::find(kListMetrics.begin(), kListMetrics.end(), name) - kListMetrics.begin()];
}

TEST(Metrics, WorkedOutByHand) {
  // Hits at places 2 and 4 of five; three targets; k = 4.
  const std::vector<std::uint8_t> hit = {0, 1, 0, 1, 1};
  const ListMetrics m = metrics_at(hit, 3, 4);
  const double gain = 1 / std::log2(3.0) + 1 / std::log2(5.0);
  const double ideal = 1 + 1 / std::log2(3.0) + 1 / std::log2(4.0);
  EXPECT_DOUBLE_EQ(value_of(m, "recall"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(value_of(m, "recall_min_k"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(value_of(m, "ndcg"), gain / ideal);
  EXPECT_DOUBLE_EQ(value_of(m, "ndcg_full_ideal"), gain / ideal);
  EXPECT_DOUBLE_EQ(value_of(m, "hit_rate"), 1);
  EXPECT_DOUBLE_EQ(value_of(m, "precision"), 0.5);
  EXPECT_DOUBLE_EQ(value_of(m, "map"), (1.0 / 2 + 2.0 / 4) / 3);
  EXPECT_DOUBLE_EQ(value_of(m, "mrr"), 0.5);
}

TEST(Metrics, BothDenominatorsWhereThereAreMoreTargetsThanPlaces) {
  const std::vector<std::uint8_t> hit = {1, 0};
  const ListMetrics m = metrics_at(hit, 4, 2);
  const double at_k = 1 + 1 / std::log2(3.0), full = at_k + 1 / std::log2(4.0) + 1 / std::log2(5.0);
  EXPECT_DOUBLE_EQ(value_of(m, "recall"), 0.25);
  EXPECT_DOUBLE_EQ(value_of(m, "recall_min_k"), 0.5);
  EXPECT_DOUBLE_EQ(value_of(m, "ndcg"), 1 / at_k);
  EXPECT_DOUBLE_EQ(value_of(m, "ndcg_full_ideal"), 1 / full);
  EXPECT_DOUBLE_EQ(value_of(m, "map"), 0.25);
  EXPECT_DOUBLE_EQ(value_of(m, "mrr"), 1);
}

TEST(Metrics, MissingPlacesAreMisses) {
  const std::vector<std::uint8_t> short_list = {1};
  EXPECT_DOUBLE_EQ(value_of(metrics_at(short_list, 1, 10), "precision"), 0.1);
  for (const double value : metrics_at({}, 5, 10)) EXPECT_EQ(value, 0);
  EXPECT_EQ(metric_name("recall_min_k", 10), "recall_min_k_at_10");
}

/// Customer 3: history {0, 1}, targets {1, 2, 5}. Customer 8: history {}, targets {4}, no list.
EvaluationSet small_set() {
  EvaluationSet set;
  set.customer = {3, 8};
  set.targets = {10, {0, 3, 4}, {1, 2, 5, 4}, {}};
  set.history = {10, {0, 2, 2}, {0, 1}, {}};
  set.known_items = 8;
  return set;
}
RankedLists small_lists() {
  return {"blend", 2, {1, 5, kNoCode, kNoCode}, {2, 1, 0, 0}, {}};
}

TEST(Scores, ClassesOfTargetsAndMissingLists) {
  Context ctx;
  const CustomerScores s = score_lists(ctx, small_set(), small_lists(),
                                       {TargetClass::kAll, TargetClass::kNew, TargetClass::kRepeat}, {1, 2});
  EXPECT_THAT(s.member, ElementsAre(1, 1, 1, 1, 1, 0));
  const auto mean = [&](std::size_t of_class, std::size_t cutoff, std::size_t metric) {
    return s.mean[s.column(of_class, cutoff, metric)];
  };
  EXPECT_NEAR(mean(0, 0, 0), (1.0 / 3 + 0) / 2, 1e-7);  // recall@1, all
  EXPECT_NEAR(mean(0, 1, 0), (2.0 / 3 + 0) / 2, 1e-7);  // recall@2, all
  EXPECT_NEAR(mean(1, 0, 0), 0, 1e-7);                  // the first place is a repeat
  EXPECT_NEAR(mean(1, 1, 0), (1.0 / 2 + 0) / 2, 1e-7);
  EXPECT_NEAR(mean(2, 0, 0), 1, 1e-7);    // one customer only
  EXPECT_NEAR(mean(2, 1, 5), 0.5, 1e-7);  // precision@2, repeat
  EXPECT_NEAR(s.coverage[1], 2.0 / 8, 1e-12);
}

TEST(Scores, TheSameForEveryNumberOfThreads) {
  EvaluationSet set = small_set();
  RankedLists lists = small_lists();
  Context one, three;
  three.threads = 3;
  const std::vector<TargetClass> classes = {TargetClass::kAll, TargetClass::kNew};
  const Measured a = measure(one, set, lists, classes, {2}, 7), b = measure(three, set, lists, classes, {2}, 7);
  EXPECT_EQ(a.classes, b.classes);
  EXPECT_EQ(a.resamples.mean, b.resamples.mean);
}

TEST(Bootstrap, OneCustomerHasNoSpread) {
  EvaluationSet set = small_set();
  set.customer = {3};
  set.targets.indptr = {0, 3};
  set.history.indptr = {0, 2};
  Context ctx;
  const auto recall = measure(ctx, set, small_lists(), {TargetClass::kAll}, {2}, 7).classes["all"]["recall_at_2"];
  EXPECT_NEAR(recall["lo"].get<double>(), 2.0 / 3, 1e-7);
  EXPECT_NEAR(recall["hi"].get<double>(), 2.0 / 3, 1e-7);
}

TEST(Bootstrap, IntervalOfAShareIsTheBinomialOne) {
  // 400 customers, every fourth is hit: the standard error of the share is sqrt(.25 * .75 / 400) = .02165.
  EvaluationSet set;
  RankedLists lists{"blend", 1, {}, {}, {}}, nothing{"other", 1, {}, {}, {}};
  set.targets.cols = set.history.cols = 10;
  for (Code c = 0; c < 400; ++c) {
    set.customer.push_back(c);
    set.targets.indices.push_back(1);
    set.targets.indptr.push_back(c + 1);
    set.history.indptr.push_back(0);
    lists.item.push_back(c % 4 == 0 ? 1 : 2);
    lists.score.push_back(1);
    nothing.item.push_back(kNoCode);
    nothing.score.push_back(0);
  }
  Context ctx;
  const Measured a = measure(ctx, set, lists, {TargetClass::kAll}, {1}, 7);
  const auto share = a.classes["all"]["hit_rate_at_1"];
  EXPECT_DOUBLE_EQ(share["value"], 0.25);
  EXPECT_NEAR(share["lo"].get<double>(), 0.25 - 1.96 * 0.02165, 0.006);
  EXPECT_NEAR(share["hi"].get<double>(), 0.25 + 1.96 * 0.02165, 0.006);

  const Measured b = measure(ctx, set, nothing, {TargetClass::kAll}, {1}, 7);
  EXPECT_EQ(paired_differences(a, b)["all"]["hit_rate_at_1"], share);
  const auto none = paired_differences(a, a)["all"]["hit_rate_at_1"];
  EXPECT_EQ(none["lo"], 0.0);
  EXPECT_EQ(none["hi"], 0.0);
}

TEST(Bootstrap, QuantilesBetweenOrderStatistics) {
  EXPECT_DOUBLE_EQ(quantile({4, 1, 3, 2}, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile({4, 1, 3, 2}, 1.0), 4);
  EXPECT_DOUBLE_EQ(quantile({7}, 0.025), 7);
}

/// Customer 0 bought 1 twice, 5 and 2 once; overall 5 leads, in the last 30 days 2 does.
OrderLog shop() {
  return small_log(
      {{0, 1, {1, 5}}, {0, 70, {1, 2}}, {1, 2, {5, 6}}, {1, 71, {2, 6}}, {2, 3, {5}}, {2, 72, {2}}, {-1, 4, {5, 6}}});
}
EvaluationSet set_of(Code customer, std::vector<Code> history) {
  EvaluationSet set;
  set.customer = {customer};
  set.targets = {10, {0, 1}, {9}, {}};
  set.history = {10, {0, static_cast<Offset>(history.size())}, std::move(history), {}};
  return set;
}

TEST(Baselines, PopularityIsOfTheLastThirtyDays) {
  const OrderLog log = shop();
  const RankedLists all = popularity_baseline(log.history(), set_of(0, {1, 2, 5}), 5, false);
  EXPECT_THAT(all.item, ElementsAre(2, 6, 1, 5, kNoCode));  // 3, 1 and 1 (6 has more of all orders), 0
  EXPECT_EQ(all.score[0], 3);
  const RankedLists fresh = popularity_baseline(log.history(), set_of(0, {1, 2, 5}), 2, true);
  EXPECT_THAT(fresh.item, ElementsAre(6, kNoCode));
}

TEST(Baselines, WithoutTimesPopularityIsOfEverything) {
  const OrderLog log = small_log({{0, 0, {1, 5}}, {1, 0, {5, 6}}, {2, 0, {5}}}, Times::kNo);
  EXPECT_THAT(popularity_baseline(log.history(), set_of(0, {1, 5}), 3, false).item, ElementsAre(5, 1, 6));
}

TEST(Baselines, PersonalFrequencyBreaksTiesAndFillsByPopularity) {
  const OrderLog log = shop();
  const RankedLists lists = personal_frequency_baseline(log.history(), log.history(), set_of(0, {1, 2, 5}), 5, false);
  EXPECT_THAT(lists.item, ElementsAre(1, 5, 2, 6, kNoCode));  // 2 orders; 1 order, 4 and 3 overall; filled
  EXPECT_THAT(lists.score, ElementsAre(2, 1, 1, 0, 0));
}

TEST(Report, PopularityBandsAndViolations) {
  std::vector<std::int64_t> orders(200, 1);
  orders[0] = 9;
  const auto share = popularity_share({"blend", 4, {0, 1, 150, kNoCode}, {}, {}}, orders);
  EXPECT_NEAR(share["p99_100"].get<double>(), 2.0 / 3, 1e-12);
  EXPECT_NEAR(share["p0_90"].get<double>(), 1.0 / 3, 1e-12);
  const EvaluationSet set = set_of(0, {1, 2});
  EXPECT_EQ(count_violations(set, {"blend", 4, {1, 3, 3, kNoCode}, {}, {}}, true), 2);
  EXPECT_EQ(count_violations(set, {"blend", 4, {1, 3, 3, kNoCode}, {}, {}}, false), 1);
}

nlohmann::json metrics_with(double ndcg, std::int64_t violations = 0) {
  return {{"targets", {{"all", {{"ndcg_at_10", {{"value", ndcg}}}}}}}, {"rule_violations", violations}};
}

TEST(Gate, ComparesWithThePreviousRun) {
  const nlohmann::json before = metrics_with(0.4);
  EvaluateParams params;
  EXPECT_EQ(gate_refusal(metrics_with(0.39), &before, params), "");
  EXPECT_THAT(gate_refusal(metrics_with(0.38), &before, params), HasSubstr("fell from 0.4000"));
  EXPECT_EQ(gate_refusal(metrics_with(0.1), nullptr, params), "");
  EXPECT_THAT(gate_refusal(metrics_with(0.5, 3), &before, params), HasSubstr("3 places"));
  params.gate_ndcg_at_10_vs_previous_min = 0;
  EXPECT_EQ(gate_refusal(metrics_with(0.1), &before, params), "");
}

}  // namespace
}  // namespace nextbest
