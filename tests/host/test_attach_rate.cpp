#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <set>

#include <gmock/gmock.h>

#include "host/evaluate/carts.hpp"
#include "host/evaluate/evaluate.hpp"
#include "host/ingest/ingest.hpp"
#include "kernels/core/error.hpp"
#include "tests/support/small_log.hpp"

namespace nextbest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing_support::small_log;
using testing_support::SmallOrder;
using testing_support::Times;

constexpr Parts kPast = Part::kTrain | Part::kValidation;

std::vector<Code> row(const Csr<float>& rows, Offset r) {
  const auto codes = rows.view().row(r);
  return {codes.begin(), codes.end()};
}

EvaluationSet carts_of(const OrderLog& log, std::uint64_t seed) {
  std::vector<Part> part(static_cast<std::size_t>(log.lines()), Part::kTrain);
  for (Offset b = 0; b < log.baskets(); ++b)
    if (log.basket_split[b] == Split::kTest)
      std::fill(part.begin() + log.basket_offset[b], part.begin() + log.basket_offset[b + 1], Part::kTest);
  return carts_with_a_hidden_line(log, part, items_in_parts(log, part, kPast), seed);
}

Job job_of_column() {
  Job job;
  job.evaluate.split = SplitKind::kColumn;
  job.evaluate.split_given = true;
  job.evaluate.cutoffs = {1, 3};
  return job;
}

nlohmann::json metrics_of(const OrderLog& log, const Job& job) {
  Context ctx;
  SilentReporter silent;
  return evaluate(ctx, log, job, silent).metrics;
}

TEST(Carts, OrdersWithTwoKnownItemsHideOneOfTheirTestLines) {
  const OrderLog log = small_log({{-1, 1, {0, 1, 2}},
                                  {-1, 1, {3, 4}},
                                  {-1, 2, {0, 1}, Split::kTest},
                                  {-1, 2, {0, 5}, Split::kTest},  // nobody bought item 5 before
                                  {-1, 2, {3, 4, 7}, Split::kTest},
                                  {-1, 2, {4}, Split::kTest}});
  std::set<Code> hidden_first, hidden_second;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const EvaluationSet carts = carts_of(log, seed);
    ASSERT_THAT(carts.customer, ElementsAre(0, 1));
    const Code first = row(carts.targets, 0).at(0), second = row(carts.targets, 1).at(0);
    EXPECT_THAT(row(carts.history, 0), ElementsAre(1 - first));
    EXPECT_THAT(row(carts.history, 1), ElementsAre(7 - second, 7));
    hidden_first.insert(first);
    hidden_second.insert(second);
    EXPECT_EQ(carts.targets.indices, carts_of(log, seed).targets.indices);
  }
  EXPECT_THAT(hidden_first, ElementsAre(0, 1));   // the seed draws,
  EXPECT_THAT(hidden_second, ElementsAre(3, 4));  // and never an unknown item
}

TEST(Carts, PiecesOfADividedOrderAreOneCart) {
  OrderLog log = small_log({{0, 1, {2, 6}}, {0, 2, {0, 1}}, {0, 2, {2}, Split::kTest}, {0, 3, {6}, Split::kTest}});
  log.basket_order = {0, 1, 1, 2};
  const EvaluationSet carts = carts_of(log, 1);
  ASSERT_EQ(carts.customer.size(), 1u);
  EXPECT_THAT(row(carts.targets, 0), ElementsAre(2));
  EXPECT_THAT(row(carts.history, 0), ElementsAre(0, 1));
}

TEST(Carts, WholeHistoriesAreNone) {
  const OrderLog log = small_log({{0, 0, {0, 1, 2}}, {0, 0, {3, 4}, Split::kTest}, {1, 0, {3, 4}}}, Times::kNo);
  EXPECT_TRUE(carts_of(log, 1).customer.empty());
}

/// 0 and 1 lie in five orders together, 2 and 3 in five, 4 and 5 in two.
std::vector<SmallOrder> three_couples() {
  std::vector<SmallOrder> orders;
  for (int i = 0; i < 5; ++i) orders.insert(orders.end(), {{-1, 1, {0, 1}}, {-1, 1, {2, 3}}});
  for (int i = 0; i < 2; ++i) orders.push_back({-1, 1, {4, 5}});
  return orders;
}

TEST(AttachRate, OfAnonymousBasketsByHand) {
  std::vector<SmallOrder> orders = three_couples();
  orders.push_back({-1, 2, {4, 5}, Split::kTest});  // the partner is the only neighbour: found
  orders.push_back({-1, 2, {4, 5}, Split::kTest});
  orders.push_back({-1, 2, {2, 3}, Split::kTest});
  orders.push_back({-1, 2, {0, 4}, Split::kTest});  // never together before: 1 or 5 are offered, not 0 or 4
  const nlohmann::json m = metrics_of(small_log(orders), job_of_column());
  EXPECT_EQ(m["customers"], 0);
  EXPECT_EQ(m["protocol"]["carts"], 4);
  EXPECT_EQ(m["protocol"]["validation"], "none");
  EXPECT_EQ(m["targets"]["all"]["attach_rate_at_1"]["value"], 0.75);
  EXPECT_EQ(m["targets"]["all"]["attach_rate_at_3"]["value"], 0.75);
  EXPECT_EQ(m["sources"]["together"], m["targets"]);
  // The three most popular but for what lies in the cart: 0, 1, 2 or 3 beside 2 or 3, never 4 and 5 before those.
  const double popular = m["baselines"]["popularity"]["all"]["attach_rate_at_3"]["value"];
  EXPECT_GE(popular, 0.25);
  EXPECT_LE(popular, 0.5);
  const nlohmann::json interval = m["targets"]["all"]["attach_rate_at_1"];
  EXPECT_LT(interval["lo"], 0.75);
  EXPECT_GT(interval["hi"], 0.75);
  EXPECT_LE(interval["hi"], 1.0);
}

TEST(AttachRate, StandsBesideTheListsWhereThereAreCustomers) {
  std::vector<SmallOrder> orders;
  for (int c = 0; c < 4; ++c) {
    orders.push_back({c, 1, {0, 1}});
    orders.push_back({c, 2, {0, 1}, Split::kTest});
  }
  Job job = job_of_column();
  job.recommend.sources = {"habit", "together"};
  const nlohmann::json m = metrics_of(small_log(orders), job);
  EXPECT_EQ(m["customers"], 4);
  EXPECT_EQ(m["targets"]["all"]["attach_rate_at_1"]["value"], 1.0);
  EXPECT_EQ(m["sources"]["together"]["all"]["attach_rate_at_1"]["value"], 1.0);
  EXPECT_FALSE(m["sources"]["habit"]["all"].contains("attach_rate_at_1"));
  EXPECT_TRUE(m["targets"]["all"].contains("recall_at_1"));
  job.recommend.sources = {"habit"};  // the carts are asked all the same, but nothing is listed that the job has not
  const nlohmann::json without = metrics_of(small_log(orders), job);
  EXPECT_EQ(without["targets"]["all"]["attach_rate_at_1"]["value"], 1.0);
  EXPECT_FALSE(without["sources"].contains("together"));
}

/// One customer's old orders with 0 and 1 lie before more lines than a list for the next order reads, and each order
/// with 0 or 1 has one with 2 next to it.
TEST(AttachRate, OldOrdersCountAndOrdersStandAlone) {
  std::vector<SmallOrder> orders;
  double day = 0;
  for (int i = 0; i < 4; ++i) orders.insert(orders.end(), {{0, ++day, {0, 1}}, {0, ++day, {2}}});
  for (int i = 0; i < 60; ++i) orders.push_back({0, ++day, {2, 3}});
  orders.push_back({0, ++day, {0, 1}, Split::kTest});
  const nlohmann::json m = metrics_of(small_log(orders), job_of_column());
  EXPECT_EQ(m["protocol"]["carts"], 1);
  EXPECT_EQ(m["targets"]["all"]["attach_rate_at_1"]["value"], 1.0);
}

TEST(AttachRate, TimesDivideAnonymousOrders) {
  std::vector<SmallOrder> orders = three_couples();
  orders.push_back({-1, 40, {2, 3}});
  Job job;
  const nlohmann::json m = metrics_of(small_log(orders), job);
  EXPECT_EQ(m["protocol"]["split"], "time");
  EXPECT_EQ(m["targets"]["all"]["attach_rate_at_5"]["value"], 1.0);
}

TEST(AttachRate, ATenthOfTheOrdersWhereNothingDividesThem) {
  OrderLog log = small_log(std::vector<SmallOrder>(30, {-1, 0, {0, 1}}), Times::kNo);
  log.basket_order.resize(30);
  std::iota(log.basket_order.begin(), log.basket_order.end(), 0);
  const nlohmann::json m = metrics_of(log, Job{});
  EXPECT_EQ(m["protocol"]["split"], "hidden_orders");
  EXPECT_EQ(m["protocol"]["validation"], "none");
  EXPECT_EQ(m["protocol"]["carts"], 3);
  EXPECT_EQ(m["targets"]["all"]["attach_rate_at_5"]["value"], 1.0);
}

TEST(AttachRate, NothingToCompleteIsAnInputError) {
  OrderLog log = small_log({{-1, 0, {0}}, {-1, 0, {1}}}, Times::kNo);
  log.basket_order = {0, 1};
  try {
    metrics_of(log, Job{});
    FAIL() << "no error";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no test order has two different items"));
  }
}

/// Groceries, every fifth basket a test basket, counted naively: the whole matrix, doubles where they are exact.
TEST(AttachRate, OfGroceriesEqualsAnIndependentCount) {
  const char* folder = std::getenv("NEXTBEST_TEST_DATA");
  if (folder == nullptr) GTEST_SKIP() << "NEXTBEST_TEST_DATA is not set";
  Job job = job_of_column();
  job.orders.path = {std::string(folder) + "/groceries/baskets_long.csv.gz"};
  job.orders.columns = {{"order_id", "basket_id"}};
  job.recommend.params.together.target_exponent = 0.5;  // then worth is the cosine
  SilentReporter silent;
  OrderLog log = ingest(job, {}, silent).log;
  ASSERT_EQ(log.baskets(), 9835);
  log.basket_split.assign(static_cast<std::size_t>(log.baskets()), Split::kTrain);
  for (Offset b = 0; b < log.baskets(); b += 5) log.basket_split[b] = Split::kTest;
  const nlohmann::json m = metrics_of(log, job);

  const auto items = static_cast<std::size_t>(log.items.size());
  std::vector<std::vector<int>> both(items, std::vector<int>(items, 0));
  for (Offset b = 0; b < log.baskets(); ++b)
    for (Offset x = log.basket_offset[b]; b % 5 != 0 && x < log.basket_offset[b + 1]; ++x)
      for (Offset y = log.basket_offset[b]; y < log.basket_offset[b + 1]; ++y)
        ++both[log.line_item[x]][log.line_item[y]];  // the diagonal: orders with the item
  const auto cosine = [&](std::size_t a, std::size_t b) {
    return static_cast<float>(both[a][b] / std::sqrt(static_cast<double>(both[a][a]) * both[b][b]));
  };
  const auto better = [&](const std::vector<float>& score, std::size_t x, std::size_t y) {
    if (score[x] != score[y]) return score[x] > score[y];
    return both[x][x] != both[y][y] ? both[x][x] > both[y][y] : x < y;
  };
  std::vector<std::vector<std::size_t>> near(items);
  for (std::size_t a = 0; a < items; ++a) {
    std::vector<float> score(items);
    for (std::size_t b = 0; b < items; ++b)
      if (b != a && both[a][b] >= 2) {
        score[b] = cosine(a, b);
        near[a].push_back(b);
      }
    std::sort(near[a].begin(), near[a].end(), [&](auto x, auto y) { return better(score, x, y); });
    near[a].resize(std::min<std::size_t>(near[a].size(), 100));
  }
  const EvaluationSet carts = carts_of(log, job.seed);
  ASSERT_GT(carts.customer.size(), 1400u);
  EXPECT_EQ(m["protocol"]["carts"], carts.customer.size());
  int found[2] = {0, 0};
  for (Offset r = 0; r < static_cast<Offset>(carts.customer.size()); ++r) {
    std::vector<float> score(items, 0.0F);
    for (const Code a : row(carts.history, r))
      for (const std::size_t b : near[a]) score[b] += cosine(a, b);
    for (const Code a : row(carts.history, r)) score[a] = 0;
    const std::size_t hidden = row(carts.targets, r).at(0);
    int before = 0;
    for (std::size_t b = 0; b < items; ++b) before += score[b] > 0 && b != hidden && better(score, b, hidden);
    found[0] += score[hidden] > 0 && before < 1;
    found[1] += score[hidden] > 0 && before < 3;
  }
  const auto n = static_cast<double>(carts.customer.size());
  EXPECT_EQ(m["targets"]["all"]["attach_rate_at_1"]["value"], found[0] / n);
  EXPECT_EQ(m["targets"]["all"]["attach_rate_at_3"]["value"], found[1] / n);
}

}  // namespace
}  // namespace nextbest
