#include <cmath>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "kernels/math/fixed_point.hpp"
#include "kernels/math/rank_order.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/pair_case.hpp"

namespace nextbest::test {
namespace {

using PairTopKTest = OverBackends;
INSTANTIATE_TEST_SUITE_P(All, PairTopKTest, testing::ValuesIn(backends()), BackendName());

struct Expectation {
  const std::vector<std::vector<reference::PairRow>>& pairs;
  const std::vector<std::int64_t>& popularity;
  double units;
  bool with_customers;
};

bool eligible(const reference::PairRow& pair, const PairParams& params, bool with_customers) {
  return pair.count >= params.min_support && (!with_customers || pair.customers >= params.min_customers) &&
         (params.measure != Measure::kLlr || pair.positive);
}

/// One row: the pairs are those of the reference, ranked by what is written, and nothing better was left out.
void expect_row(const OwnedPairLists& out, Offset r, Code a, const PairParams& params, const Expectation& wanted) {
  std::set<Code> listed;
  const Offset at = r * out.stride;
  Offset n = 0;
  for (; n < out.k && out.item[at + n] != kNoCode; ++n) {
    const Code b = out.item[at + n];
    const auto& row = wanted.pairs[a];
    const auto pair = std::find_if(row.begin(), row.end(), [&](const auto& p) { return p.item == b; });
    ASSERT_NE(pair, row.end()) << "item " << b << " shares nothing with " << a;
    ASSERT_TRUE(listed.insert(b).second) << "item " << b << " twice";
    ASSERT_TRUE(eligible(*pair, params, wanted.with_customers)) << "item " << b;
    ASSERT_EQ(out.count[at + n], pair->count);
    ASSERT_EQ(out.weight[at + n], pair->weight);
    ASSERT_EQ(out.customers[at + n], pair->customers);
    ASSERT_NEAR(out.expected[at + n], pair->expected, 1e-12 * (1 + pair->expected));
    ASSERT_TRUE(score_agrees(out.score[at + n], pair->score, params.measure, wanted.units)) << pair->score;
    if (n == 0) continue;
    const Code before = out.item[at + n - 1];
    ASSERT_TRUE(ranks_before({out.score[at + n - 1], wanted.popularity[before], before},
                             {out.score[at + n], wanted.popularity[b], b}))
        << "places " << n - 1 << " and " << n;
  }
  Offset could = 0;
  for (const auto& pair : wanted.pairs[a]) {
    if (!eligible(pair, params, wanted.with_customers)) continue;
    ++could;
    if (n > 0 && !listed.contains(pair.item)) {
      const double last = out.score[at + n - 1];
      EXPECT_LE(pair.score, last + 1e-5 * std::fabs(last) + 1e-6) << "item " << pair.item << " was left out";
    }
  }
  EXPECT_EQ(n, std::min<Offset>(could, out.k));
  for (; n < out.k; ++n) {
    ASSERT_EQ(out.item[at + n], kNoCode);
    ASSERT_TRUE(out.score[at + n] == 0 && out.count[at + n] == 0 && out.weight[at + n] == 0 &&
                out.customers[at + n] == 0 && out.expected[at + n] == 0);
  }
}

/// The whole case: every row against the reference, and 2 and 5 threads against 1.
void expect_case(const PairCase& made, PairParams params, Device device) {
  params.end = made.baskets.cols;
  Context ctx{device, 1, {}, {}};
  const PairRun run(ctx, made);
  std::string name;
  for (const auto& [measure, text] : all_measures())
    if (measure == params.measure) name = text;
  const auto input = made.input();
  const auto pairs = reference::all_pairs(input, name, params.shrinkage);
  const auto popularity = reference::partner_counts(input);
  const OwnedPairLists out = run.lists(ctx, params);
  const Expectation wanted{pairs, popularity, static_cast<double>(run.index->totals.units), !made.customers.empty()};
  for (Code a = 0; a < params.end; ++a) {
    SCOPED_TRACE(testing::Message() << "row " << a << ", measure " << name << ", k " << params.k);
    expect_row(out, a, a, params, wanted);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_TRUE(out.padding_untouched());
  if (params.measure != Measure::kLlr && params.measure != Measure::kShrunkLift) return;  // one per way of selecting
  for (const int threads : {2, 5}) {
    ctx.threads = threads;
    EXPECT_TRUE(run.lists(ctx, params) == out) << threads << " threads, measure " << name;
  }
}

TEST_P(PairTopKTest, EveryShapeAndMeasure) {
  std::uint64_t seed = 100;
  for (const Offset items : {0, 1, 31, 32, 33, 67})
    for (const Offset units : {0, 1, 32, 257})
      for (const int with : {0, 1, 2, 3, 4, 7}) {
        PairCase made = random_case(++seed, units, items, with & 1, with & 2);
        if (with & 4) made.partners = random_csr(seed + 1000, units, items, 4);
        SCOPED_TRACE(testing::Message() << units << " units x " << items << " items, weights " << (with & 1)
                                        << ", customers " << (with & 2) << ", cross " << (with & 4) << ", seed "
                                        << seed);
        for (const auto& [measure, name] : all_measures()) {
          expect_case(made, {.measure = measure, .k = 5, .min_support = 2, .min_customers = 2}, GetParam());
          if (HasFailure()) return;
        }
      }
}

struct Counted {
  std::vector<std::int64_t> count, weight;
};

Counted counted_one_by_one(const Csr<float>& rows, const std::vector<std::int64_t>& weights) {
  Counted sums{std::vector<std::int64_t>(rows.cols), std::vector<std::int64_t>(rows.cols)};
  for (Offset u = 0; u < rows.view().rows(); ++u)
    for (const Code a : rows.view().row(u)) {
      ++sums.count[a];
      sums.weight[a] += weights.empty() ? std::int64_t{1} << 20 : weights[u];
    }
  return sums;
}

TEST_P(PairTopKTest, TotalsAreSumsOverAllUnits) {
  Context ctx = context();
  for (const Offset items : {0, 1, 33, 700})
    for (const Offset units : {0, 1, 255, 257, 1031})
      for (const int with : {0, 1, 5}) {
        PairCase made = random_case(units + items, units, items, with & 1, false);
        if (with & 4) made.partners = random_csr(7, units, items, 4);
        SCOPED_TRACE(testing::Message() << units << " units x " << items << " items, with " << with);
        const PairTotals totals = PairRun(ctx, made).index->totals;
        const Counted left = counted_one_by_one(made.baskets, made.weights);
        EXPECT_EQ(totals.units, units);
        EXPECT_EQ(totals.units_weight,
                  made.weights.empty() ? units << 20
                                       : std::accumulate(made.weights.begin(), made.weights.end(), std::int64_t{0}));
        EXPECT_EQ(totals.count, left.count);
        EXPECT_EQ(totals.weight, left.weight);
        if (!(with & 4)) {
          EXPECT_TRUE(totals.partner_count.empty() && totals.partner_weight.empty());
          continue;
        }
        const Counted right = counted_one_by_one(made.partners, made.weights);
        EXPECT_EQ(totals.partner_count, right.count);
        EXPECT_EQ(totals.partner_weight, right.weight);
      }
}

TEST_P(PairTopKTest, EveryKAndThreshold) {
  const PairCase made = random_case(41, 301, 53, true, true);
  for (const int k : {1, 2, 52, 53, 200})
    for (const int least : {1, 3, 1000})
      for (const Measure measure : {Measure::kLlr, Measure::kShrunkLift})
        expect_case(made, {.measure = measure, .k = k, .min_support = least, .min_customers = least - 1}, GetParam());
}

TEST_P(PairTopKTest, AGiantBasketAndAnItemInEveryBasket) {
  PairCase made = make_case({}, 211);
  std::mt19937_64 random(5);
  for (int u = 0; u < 60; ++u) {
    std::set<Code> basket{7};
    for (Code c = 0; c < 211; ++c)
      if (u == 30 || (u % 10 != 3 && below(random, 40) == 0)) basket.insert(c);
    made.baskets.indices.insert(made.baskets.indices.end(), basket.begin(), basket.end());
    made.baskets.indptr.push_back(static_cast<Offset>(made.baskets.indices.size()));
  }
  for (const auto& [measure, name] : all_measures()) expect_case(made, {.measure = measure, .k = 20}, GetParam());
}

// Item 0 is in every basket: its row is so much of the work that several threads share it, and they must not count a
// customer twice where they meet.
TEST_P(PairTopKTest, ARowSharedByThreads) {
  PairCase made = random_case(91, 50'000, 300, true, true);
  Csr<float> baskets{300, {0}, {}, {}};
  for (Offset u = 0; u < 50'000; ++u) {
    baskets.indices.push_back(0);
    for (const Code item : made.baskets.view().row(u))
      if (item != 0) baskets.indices.push_back(item);
    baskets.indptr.push_back(static_cast<Offset>(baskets.indices.size()));
  }
  made.baskets = baskets;
  for (const bool weighted : {true, false}) {
    if (!weighted) made.weights.clear();
    Context ctx = context();
    const PairRun run(ctx, made);
    const PairParams params{.measure = Measure::kCount, .k = 20, .min_customers = 2, .end = 300};
    const OwnedPairLists alone = run.lists(ctx, params);
    EXPECT_EQ(alone.count[0], run.index->totals.count[alone.item[0]]);
    for (const int threads : {2, 3, 8}) {
      ctx.threads = threads;
      EXPECT_TRUE(run.lists(ctx, params) == alone) << threads << " threads";
    }
  }
}

// Far more partners than places, nearly all of them counted once: the best are found among blocks of which most is
// refused unseen, and many have equal scores.
TEST_P(PairTopKTest, ManyPartnersSeenOnce) {
  constexpr Code kItems = 1'500;
  PairCase made = make_case({}, kItems);
  std::mt19937_64 random(17);
  for (int u = 0; u < 400; ++u) {
    std::set<Code> basket{static_cast<Code>(u % 2)};
    for (int i = 0; i < 9; ++i) basket.insert(static_cast<Code>(below(random, below(random, kItems) + 1)));
    made.baskets.indices.insert(made.baskets.indices.end(), basket.begin(), basket.end());
    made.baskets.indptr.push_back(static_cast<Offset>(made.baskets.indices.size()));
  }
  for (const Measure measure : {Measure::kCosine, Measure::kCount})
    for (const int k : {3, 50}) expect_case(made, {.measure = measure, .k = k}, GetParam());
}

// More units than 16 bits count, and sums of weights beyond 43 and 52 bits: rows that need wider counters than most.
TEST_P(PairTopKTest, RowsWithLargeSums) {
  PairCase made = make_case({}, 4);
  for (Offset u = 0; u < 70'000; ++u) {
    for (const Code item : {0, 1, 2}) made.baskets.indices.push_back(item);
    if (u % 70 != 0) made.baskets.indices.pop_back();
    made.baskets.indptr.push_back(static_cast<Offset>(made.baskets.indices.size()));
    made.customers.push_back(static_cast<Code>(u / 3));
  }
  for (const int bits : {0, 20, 30, 40}) {
    made.weights.assign(bits == 0 ? 0 : 70'000, (std::int64_t{1} << bits) + 1);
    Context ctx = context();
    const PairRun run(ctx, made);
    const OwnedPairLists out = run.lists(ctx, {.measure = Measure::kCount, .k = 1, .end = 4});
    const std::int64_t one = bits == 0 ? kWeightOne : made.weights[0];
    for (const Code a : {0, 1}) {
      EXPECT_EQ(out.item[a * out.stride], 1 - a) << bits;
      EXPECT_EQ(out.count[a * out.stride], 70'000) << bits;
      EXPECT_EQ(out.customers[a * out.stride], 23'334) << bits;
      EXPECT_EQ(out.weight[a * out.stride], 70'000 * one) << bits;
    }
    EXPECT_EQ(out.item[2 * out.stride], 0) << bits;
    EXPECT_EQ(out.count[2 * out.stride], 1'000) << bits;
    EXPECT_EQ(out.weight[2 * out.stride], 1'000 * one) << bits;
  }
}

// Baskets {0,1} {0,1} {0,2} {1} {0,1,2}: n = 4 4 2, U = 5, lines 10; together 01: 3, 02: 2, 12: 1.
TEST_P(PairTopKTest, ByHand) {
  const PairCase made = make_case({{0, 1}, {0, 1}, {0, 2}, {1}, {0, 1, 2}}, 3);
  Context ctx = context();
  const PairRun run(ctx, made);
  EXPECT_EQ(run.index->totals.count, (std::vector<std::int64_t>{4, 4, 2}));
  EXPECT_EQ(run.index->totals.weight[1], 4 * (std::int64_t{1} << 20));
  EXPECT_EQ(run.index->totals.units, 5);
  const OwnedPairLists out = run.lists(ctx, {.measure = Measure::kLift, .k = 2, .end = 3});
  EXPECT_EQ(out.item[0], 2);  // lift 2 * 5 / (4 * 2)
  EXPECT_FLOAT_EQ(out.score[0], 1.25F);
  EXPECT_EQ(out.item[1], 1);  // lift 3 * 5 / (4 * 4)
  EXPECT_FLOAT_EQ(out.score[1], 0.9375F);
  EXPECT_EQ(out.count[1], 3);
  EXPECT_EQ(out.customers[1], 0);
  EXPECT_DOUBLE_EQ(out.expected[1], 3 * 0.4 + (1 - 0.6 * 0.6));  // sizes 2 2 2 3, P = 4 / 10
}

// Baskets {0,1} {0} {2}, followed by {1,2} {0,1,2} {}: a is counted on the left, b on the right.
TEST_P(PairTopKTest, CrossPairsByHand) {
  PairCase made = make_case({{0, 1}, {0}, {2}}, 3);
  made.partners = make_case({{1, 2}, {0, 1, 2}, {}}, 3).baskets;
  Context ctx = context();
  const PairRun run(ctx, made);
  EXPECT_EQ(run.index->totals.count, (std::vector<std::int64_t>{2, 1, 1}));
  EXPECT_EQ(run.index->totals.partner_count, (std::vector<std::int64_t>{1, 2, 2}));
  const OwnedPairLists out = run.lists(ctx, {.measure = Measure::kLift, .k = 2, .end = 3});
  EXPECT_EQ(out.item[0], 1);  // 0 -> 1 and 0 -> 2, twice each: a tie, the smaller code first; 0 -> 0 is no pair
  EXPECT_EQ(out.item[1], 2);
  EXPECT_EQ(out.count[0], 2);
  EXPECT_FLOAT_EQ(out.score[0], 2 * 3 / (2.0F * 2));
  EXPECT_DOUBLE_EQ(out.expected[0], (1 - 0.6 * 0.6) + (1 - 0.6 * 0.6 * 0.6));  // 2 and 3 partners, P = 2 / 5
  EXPECT_EQ(out.item[out.stride], 2);                                          // 1 -> 2; 1 -> 1 is no pair
  EXPECT_EQ(out.item[out.stride + 1], kNoCode);
  EXPECT_EQ(out.item[2 * out.stride], kNoCode);  // nothing followed 2
}

TEST_P(PairTopKTest, TiesGoToThePopularThenToTheSmallerCode) {
  // 0 is once with each of 1 to 6; 3 and 5 are bought alone too.
  const PairCase made = make_case({{0, 1, 2, 3, 4, 5, 6}, {3}, {5}, {5, 7}}, 8);
  Context ctx = context();
  const PairRun run(ctx, made);
  const OwnedPairLists out = run.lists(ctx, {.measure = Measure::kCount, .k = 4, .begin = 0, .end = 1});
  EXPECT_EQ(std::vector<Code>(out.item.begin(), out.item.begin() + 4), (std::vector<Code>{5, 3, 1, 2}));
}

TEST_P(PairTopKTest, CustomersAreCountedOnceAndNobodyNever) {
  PairCase made = make_case({{0, 1}, {0, 1}, {0, 1}, {0, 1}, {0, 1}, {0}}, 2);
  made.customers = {4, 4, 9, kNoCode, kNoCode, 9};
  Context ctx = context();
  const PairRun run(ctx, made);
  PairParams params{.measure = Measure::kCount, .k = 1, .min_customers = 2, .end = 2};
  OwnedPairLists out = run.lists(ctx, params);
  EXPECT_EQ(out.item[0], 1);
  EXPECT_EQ(out.customers[0], 2);
  EXPECT_EQ(out.count[0], 5);
  params.min_customers = 3;
  out = run.lists(ctx, params);
  EXPECT_EQ(out.item[0], kNoCode);
}

TEST_P(PairTopKTest, RangesGlueTogether) {
  const PairCase made = random_case(77, 200, 61, true, true);
  Context ctx = context(2);
  const PairRun run(ctx, made);
  PairParams params{.measure = Measure::kNpmi, .k = 7, .end = 61};
  const OwnedPairLists whole = run.lists(ctx, params);
  for (const auto& [begin, end] : {std::pair<Offset, Offset>{0, 20}, {20, 20}, {20, 59}, {59, 61}}) {
    params.begin = begin;
    params.end = end;
    const OwnedPairLists part = run.lists(ctx, params);
    const Offset from = begin * whole.stride;
    EXPECT_TRUE(std::equal(part.item.begin(), part.item.end(), whole.item.begin() + from));
    EXPECT_TRUE(std::equal(part.score.begin(), part.score.end(), whole.score.begin() + from));
    EXPECT_TRUE(std::equal(part.weight.begin(), part.weight.end(), whole.weight.begin() + from));
    EXPECT_TRUE(std::equal(part.expected.begin(), part.expected.end(), whole.expected.begin() + from));
  }
}

TEST_P(PairTopKTest, ProgressEndsAtAllAndCancellingLeavesRowsAlone) {
  const PairCase made = random_case(78, 100, 40, false, false);
  Context ctx = context();
  const PairRun run(ctx, made);
  std::int64_t last = 0, all = 1;
  ctx.progress = [&](std::int64_t done, std::int64_t of) { last = done, all = of; };
  const PairParams params{.k = 3, .end = 40};
  const OwnedPairLists untouched(40, 3);
  EXPECT_FALSE(run.lists(ctx, params) == untouched);
  EXPECT_EQ(last, all);
  ctx.cancelled = [] { return true; };
  EXPECT_TRUE(run.lists(ctx, params) == untouched);
}

TEST_P(PairTopKTest, ArgumentsAreChecked) {
  const PairCase made = random_case(79, 30, 10, true, true);
  Context ctx = context();
  const PairRun run(ctx, made);
  OwnedPairLists out(10, 2);
  const auto call = [&](const PairParams& params) { pair_top_k(ctx, *run.index, params, out.view()); };
  EXPECT_NO_THROW(call({.k = 2, .end = 10}));
  EXPECT_THROW(call({.k = 0, .end = 10}), InvalidArgument);
  EXPECT_THROW(call({.k = 2, .end = 11}), InvalidArgument);
  EXPECT_THROW(call({.k = 2, .begin = 5, .end = 4}), InvalidArgument);
  EXPECT_THROW(call({.k = 2, .shrinkage = -1, .end = 10}), InvalidArgument);
  EXPECT_THROW(call({.k = 3, .end = 10}), ShapeMismatch);
  EXPECT_THROW(call({.k = 2, .end = 9}), ShapeMismatch);
  ctx.device = GetParam() == Device::kCpu ? Device::kCuda : Device::kCpu;
  EXPECT_THROW(call({.k = 2, .end = 10}), InvalidArgument) << "an index of another backend";
}

TEST_P(PairTopKTest, UnitsAreChecked) {
  Context ctx = context();
  const auto total_of = [&](const PairCase& made) { return PairRun(ctx, made).index->totals.units_weight; };
  PairCase made = make_case({{0, 1}, {1}}, 2);
  EXPECT_EQ(total_of(made), std::int64_t{2} << 20);
  made.customers = {4};
  EXPECT_THROW(total_of(made), ShapeMismatch);
  made.customers.clear();
  made.weights = {1, 6};
  EXPECT_EQ(total_of(made), 7);
  made.weights = {5, 0};
  EXPECT_THROW(total_of(made), InvalidArgument);
  made.weights = {5};
  EXPECT_THROW(total_of(made), ShapeMismatch);
  EXPECT_THROW(total_of(make_case({{2}}, 2)), InvalidArgument);
  EXPECT_THROW(total_of(make_case({{-1}}, 2)), InvalidArgument);
  made = make_case({{0, 1}, {1}}, 2);
  made.partners = make_case({{0}}, 2).baskets;  // one unit too few
  EXPECT_THROW(total_of(made), ShapeMismatch);
  made.partners = make_case({{0}, {1}}, 3).baskets;
  EXPECT_THROW(total_of(made), ShapeMismatch);
  made.partners = make_case({{0}, {2}}, 2).baskets;
  EXPECT_THROW(total_of(made), InvalidArgument);
}

TEST(PairTopKAbsent, CudaThatWasNotBuiltSaysSo) {
  if (backend_works(Device::kCuda)) return;
  Context ctx{Device::kCuda, 1, {}, {}};
  EXPECT_THROW(PairRun(ctx, make_case({{0, 1}}, 2)), BackendNotBuilt);
}

}  // namespace
}  // namespace nextbest::test
