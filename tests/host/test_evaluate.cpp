#include <gmock/gmock.h>

#include "host/evaluate/evaluate.hpp"
#include "kernels/core/error.hpp"
#include "tests/support/small_log.hpp"

namespace nextbest {
namespace {

using ::testing::ElementsAre;
using testing_support::small_log;
using testing_support::SmallOrder;
using testing_support::Times;

/// Twenty customers who each buy an item of their own, c % 5, again and again, and item 9 once.
std::vector<SmallOrder> faithful_customers() {
  std::vector<SmallOrder> orders;
  for (int c = 0; c < 20; ++c) {
    orders.push_back({c, 1, {static_cast<Code>(c % 5), 9}});
    for (const double day : {30.0, 55.0, 85.0}) orders.push_back({c, day, {static_cast<Code>(c % 5)}});
  }
  return orders;
}

Job job_of(SplitKind kind) {
  Job job;
  job.recommend.sources = {"habit", "popularity"};
  job.evaluate.split = kind;
  job.evaluate.split_given = true;
  job.evaluate.cutoffs = {1, 3};
  return job;
}

class EvaluatePipeline : public ::testing::Test {
 protected:
  EvaluationResult run(const OrderLog& log, const Job& job, const nlohmann::json* previous = nullptr) {
    return evaluate(ctx_, log, job, silent_, previous);
  }
  Context ctx_;
  SilentReporter silent_;
};

TEST_F(EvaluatePipeline, FindsWhatEverybodyBuysAgain) {
  const EvaluationResult result = run(small_log(faithful_customers()), job_of(SplitKind::kTime));
  const nlohmann::json& m = result.metrics;
  EXPECT_EQ(m["schema_version"], 1);
  EXPECT_EQ(m["split"], "test");
  EXPECT_EQ(m["customers"], 20);
  EXPECT_EQ(m["customers_by_target"], (nlohmann::json{{"all", 20}, {"new", 0}, {"repeat", 20}}));
  EXPECT_EQ(m["targets"]["all"]["recall_at_1"]["value"], 1.0);
  EXPECT_EQ(m["targets"]["repeat"]["ndcg_at_3"]["value"], 1.0);
  EXPECT_EQ(m["sources"]["habit"]["all"]["hit_rate_at_1"]["value"], 1.0);
  EXPECT_EQ(m["baselines"]["personal_frequency"]["all"]["recall_at_1"]["value"], 1.0);
  EXPECT_LT(m["baselines"]["popularity"]["all"]["recall_at_1"]["value"], 0.5);
  EXPECT_GT(m["differences"]["popularity"]["all"]["recall_at_1"]["lo"], 0.5);
  EXPECT_EQ(m["protocol"]["split"], "time");
  EXPECT_EQ(m["protocol"]["lines"], (nlohmann::json{{"train", 40}, {"validation", 40}, {"test", 20}, {"unused", 0}}));
  EXPECT_EQ(m["rule_violations"], 0);

  ASSERT_EQ(result.lists.size(), 3u);
  EXPECT_EQ(result.lists[0].source, "blend");
  EXPECT_EQ(result.lists[0].k, 3);
  EXPECT_EQ(result.lists[0].item.size(), 60u);
  EXPECT_EQ(result.lists[0].origin.size(), 60u);
  EXPECT_THAT(result.source_names, ElementsAre("habit", "popularity"));
  EXPECT_EQ(result.blend.weights.size(), 2u);
}

TEST_F(EvaluatePipeline, BreakdownTellsWhereTheListsHelp) {
  std::vector<SmallOrder> orders = faithful_customers();
  for (int c = 20; c < 30; ++c) {  // one order, then something else than before
    orders.push_back({c, 30, {8}});
    orders.push_back({c, 85, {9}});
  }
  OrderLog log = small_log(orders);
  log.catalogue.category_columns = {"group"};
  log.catalogue.category = {{{"fruit", "odd"}, std::vector<Code>(static_cast<std::size_t>(log.items.size()), 0)}};
  log.catalogue.category[0].code[9] = 1;
  const nlohmann::json breakdown = run(log, job_of(SplitKind::kTime)).metrics["breakdown"];
  EXPECT_EQ(breakdown["baseline"], "personal_frequency");
  const auto shows = [](const nlohmann::json& entry, const char* name, int customers, double recall) {
    EXPECT_EQ(entry["name"], name);
    EXPECT_EQ(entry["customers"], customers) << name;
    EXPECT_EQ(entry["targets"]["recall_at_1"]["value"], recall) << name;
    EXPECT_EQ(entry["difference"]["recall_at_1"]["value"], 0) << name << ": personal frequency knows as much";
  };
  ASSERT_EQ(breakdown["orders"].size(), 2u) << "nobody has more than three orders";
  shows(breakdown["orders"][0], "1", 10, 0);
  shows(breakdown["orders"][1], "2-4", 20, 1);
  ASSERT_EQ(breakdown["category"].size(), 2u);
  shows(breakdown["category"][0], "fruit", 20, 1);
  shows(breakdown["category"][1], "odd", 10, 0);
  EXPECT_FALSE(run(small_log(orders), job_of(SplitKind::kTime)).metrics["breakdown"].contains("category"));
}

TEST_F(EvaluatePipeline, NewTargetsMeansThatNothingOwnedIsListed) {
  std::vector<SmallOrder> orders = faithful_customers();
  for (SmallOrder& order : orders)
    if (order.day == 85) order.items.push_back(static_cast<Code>(order.items[0] + 1));
  Job job = job_of(SplitKind::kLastOrder);
  job.evaluate.targets = Targets::kNew;
  const EvaluationResult result = run(small_log(orders), job);
  EXPECT_FALSE(result.metrics["targets"].contains("all"));
  EXPECT_FALSE(result.metrics["sources"]["popularity"].contains("repeat"));
  EXPECT_EQ(result.metrics["protocol"]["owned"], "exclude");
  EXPECT_EQ(result.metrics["rule_violations"], 0);
  for (Offset r = 0; r < static_cast<Offset>(result.set.customer.size()); ++r)
    for (const RankedLists& lists : result.lists)
      for (Offset p = 0; p < lists.k; ++p) {
        const auto owned = result.set.history.view().row(r);
        EXPECT_FALSE(std::binary_search(owned.begin(), owned.end(), lists.item[r * lists.k + p]));
      }
}

/// Items 5 and 6 are bought on validation lines only; 5 by customers 0 to 9, who buy it again on their test lines.
std::vector<SmallOrder> with_validation() {
  std::vector<SmallOrder> orders;
  for (int c = 0; c < 20; ++c) {
    orders.push_back({c, 1, {0, 1}});
    orders.push_back({c, 2, {static_cast<Code>(c < 10 ? 5 : 6)}, Split::kValidation});
    orders.push_back({c, 3, {static_cast<Code>(c < 10 ? 5 : 6)}, Split::kTest});
  }
  return orders;
}

TEST_F(EvaluatePipeline, RefitSaysWhatValidationLinesAreFor) {
  const OrderLog log = small_log(with_validation());
  Job job = job_of(SplitKind::kColumn);
  const auto found = [&](Refit refit) {
    job.evaluate.refit = refit;
    return run(log, job).metrics;
  };
  const auto recall = [](const nlohmann::json& m) {
    return m["baselines"]["personal_frequency"]["all"]["recall_at_3"]["value"].get<double>();
  };
  const nlohmann::json full = found(Refit::kFull), history = found(Refit::kHistory), none = found(Refit::kNone);
  EXPECT_EQ(recall(full), 1);     // learnt and read: the own purchase is known
  EXPECT_EQ(recall(history), 1);  // read: it counts as the customer's own
  EXPECT_EQ(recall(none), 0);     // absent: nobody ever bought 5 or 6
  EXPECT_EQ(full["protocol"]["known_items"], 4);
  EXPECT_EQ(none["protocol"]["known_items"], 2);
  EXPECT_EQ(full["customers_by_target"]["repeat"], 20);
  EXPECT_EQ(none["customers_by_target"]["repeat"], 0);
}

TEST_F(EvaluatePipeline, SameNumbersForEveryNumberOfThreads) {
  const OrderLog log = small_log(with_validation());
  Job job = job_of(SplitKind::kColumn);
  const nlohmann::json one = run(log, job).metrics;
  ctx_.threads = 3;
  EXPECT_EQ(one, run(log, job).metrics);
}

TEST_F(EvaluatePipeline, ThePreviousRunIsABaseline) {
  const nlohmann::json previous = {{"targets", {{"all", {{"ndcg_at_10", {{"value", 0.5}}}}}}}};
  const EvaluationResult result = run(small_log(faithful_customers()), job_of(SplitKind::kTime), &previous);
  EXPECT_EQ(result.metrics["baselines"]["previous_run"], previous["targets"]);
}

TEST_F(EvaluatePipeline, DataWithoutTimesAreEvaluatedOnHiddenItems) {
  Job job = job_of(SplitKind::kTime);
  job.evaluate.split_given = false;
  std::vector<SmallOrder> orders;
  for (int c = 0; c < 10; ++c) orders.push_back({c, 0, {0, 1, 2, 3}});
  const nlohmann::json m = run(small_log(orders, Times::kNo), job).metrics;
  EXPECT_EQ(m["protocol"]["split"], "hidden_items");
  EXPECT_EQ(m["customers"], 10);
}

TEST_F(EvaluatePipeline, NothingToFindIsAnInputError) {
  Job job = job_of(SplitKind::kLastOrder);
  job.evaluate.targets = Targets::kNew;
  EXPECT_THROW(run(small_log(faithful_customers()), job), DataError);
}

TEST_F(EvaluatePipeline, WeightsWithoutATestPart) {
  const OrderLog log = small_log(faithful_customers());
  EXPECT_EQ(fit_blend_on_validation(ctx_, log, job_of(SplitKind::kTime), silent_)->weights.size(), 2u);
  EXPECT_FALSE(fit_blend_on_validation(ctx_, small_log({{-1, 1, {0}}}), job_of(SplitKind::kTime), silent_));
}

}  // namespace
}  // namespace nextbest
