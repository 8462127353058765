#include <array>
#include <cmath>

#include <gmock/gmock.h>

#include "kernels/core/error.hpp"
#include "kernels/core/philox.hpp"
#include "models/blend/ranker_fit.hpp"
#include "models/recommender.hpp"
#include "tests/support/histories.hpp"

namespace nextbest::test {
namespace {

using testing::ElementsAre;
using testing::FloatNear;

TEST(Isotonic, PoolsWhatViolatesTheOrder) {
  const std::vector<float> score{1, 2, 3, 4, 4}, label{0, 1, 0, 1, 0}, weight{1, 1, 1, 1, 1};
  const Isotonic fitted = fit_isotonic(score, label, weight);
  EXPECT_THAT(fitted.probability, ElementsAre(0, 0.5f, 0.5f))
      << "0 | 1 0 | then two equal scores 1 0, which joins the pool";
  EXPECT_EQ(fitted(0), 0.0f);
  EXPECT_EQ(fitted(9), 0.5f);
  EXPECT_EQ(fitted(1.5f), 0.25f);
}

TEST(Isotonic, NeverFallsAndKeepsTheMean) {
  std::vector<float> score, label, weight;
  double labels = 0, weights = 0, fitted_sum = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const double x = philox_uniform(3, 1, i);
    score.push_back(static_cast<float>(x));
    label.push_back(philox_uniform(3, 2, i) < x * x ? 1.0f : 0.0f);
    weight.push_back(i % 3 ? 1.0f : 2.0f);
    labels += label.back() * weight.back();
    weights += weight.back();
  }
  const Isotonic fitted = fit_isotonic(score, label, weight);
  for (std::size_t i = 0; i < score.size(); ++i) fitted_sum += fitted(score[i]) * weight[i];
  EXPECT_NEAR(fitted_sum / weights, labels / weights, 0.01);
  for (int i = 1; i < 100; ++i)
    EXPECT_LE(fitted(static_cast<float>((i - 1) / 100.0)), fitted(static_cast<float>(i / 100.0)));
  EXPECT_NEAR(fitted(0.9f), 0.81, 0.08);
}

TEST(Trees, ReadXgboostsTextDump) {
  TreeEnsemble trees;
  add_dumped_tree(
      "0:[f1<0.5] yes=1,no=2,missing=1\n\t1:leaf=-0.25\n\t2:[f0<-3] yes=3,no=4,missing=3\n"
      "\t\t3:leaf=1\n\t\t4:leaf=2\n",
      trees);
  add_dumped_tree("0:leaf=0.5\n", trees);
  EXPECT_TRUE(trees.is_sound(2));
  EXPECT_FALSE(trees.is_sound(1)) << "it asks feature 1";
  EXPECT_EQ(trees.score(std::vector<float>{0, 0}.data()), 0.25f);
  EXPECT_EQ(trees.score(std::vector<float>{0, 0.5f}.data()), 2.5f) << "equal goes right";
  EXPECT_EQ(trees.score(std::vector<float>{-4, 1}.data()), 1.5f);
  EXPECT_THROW(add_dumped_tree("0:[f1<x] yes=1,no=2", trees), InvalidArgument);
  EXPECT_THROW(add_dumped_tree("0:[f1<1] yes=1,no=2,missing=1\n", trees), InvalidArgument) << "no children";
}

// Rows whose label is the exclusive or of two features: no linear function knows it.
struct ExclusiveOr {
  ExclusiveOr() {
    for (std::uint64_t r = 0; r < 3000; ++r) {
      const bool a = philox_uniform(5, 1, r) < 0.5, b = philox_uniform(5, 2, r) < 0.5;
      for (const float value : {a ? 1.0f : 0.0f, b ? 2.0f : -2.0f, static_cast<float>(philox_uniform(5, 3, r))})
        x.push_back(value);
      label.push_back(a != b ? 1.0f : 0.0f);
      weight.push_back(1);
    }
  }
  TreeRows rows() const { return {{x.data(), static_cast<Offset>(label.size()), 3}, label, weight}; }
  std::vector<float> x, label, weight;
};

TEST(Trees, LearnAnExclusiveOr) {
  if (!trees_are_built()) GTEST_SKIP() << "built without XGBoost";
  const ExclusiveOr data;
  TreeParams params;
  params.rounds = 30;
  const TreeEnsemble trees = train_trees(data.rows(), params);
  EXPECT_TRUE(trees.is_sound(3));
  EXPECT_EQ(trees.roots.size(), 30u);
  for (std::size_t r = 0; r < data.label.size(); ++r)
    EXPECT_EQ(trees.score(data.x.data() + 3 * r) > 0, data.label[r] > 0) << r;
}

TEST(Trees, GrownInStepsAreTheSame) {
  if (!trees_are_built()) GTEST_SKIP() << "built without XGBoost";
  const ExclusiveOr data;
  TreeParams params;
  params.rounds = 12;
  const TreeEnsemble whole = train_trees(data.rows(), params);
  TreeTrainer trainer(data.rows(), params);
  trainer.grow(5);
  const TreeEnsemble first = trainer.trees();
  EXPECT_EQ(first.roots.size(), 5u);
  trainer.grow(7);
  const TreeEnsemble all = trainer.trees();
  ASSERT_EQ(all.roots.size(), 12u);
  for (std::size_t r = 0; r < data.label.size(); r += 7) {
    const float* x = data.x.data() + 3 * r;
    EXPECT_EQ(all.score(x), whole.score(x)) << r;
    EXPECT_EQ(all.score(x, first.score(x), 5), whole.score(x)) << r;
  }
}

TEST(Logistic, FindsThePlantedWeightsForEveryNumberOfThreads) {
  std::vector<float> x, label, weight;
  for (std::uint64_t r = 0; r < 20'000; ++r) {
    const double a = philox_normal(7, 1, r), b = 3 * philox_normal(7, 2, r) + 1;
    x.push_back(static_cast<float>(a));
    x.push_back(static_cast<float>(b));
    x.push_back(4);  // constant
    label.push_back(philox_uniform(7, 3, r) < 1 / (1 + std::exp(-(1.5 * a - 0.5 * b))) ? 1.0f : 0.0f);
    weight.push_back(1);
  }
  const TreeRows rows{{x.data(), static_cast<Offset>(label.size()), 3}, label, weight};
  Context one, three{Device::kCpu, 3, {}, {}};
  const Logistic fitted = fit_logistic(one, rows);
  EXPECT_THAT(fitted.score(std::vector<float>{1, 0, 4}.data()), FloatNear(1.5f, 0.12f));
  EXPECT_THAT(fitted.score(std::vector<float>{0, 2, 4}.data()), FloatNear(-1.0f, 0.12f));
  EXPECT_EQ(fitted.weight, fit_logistic(three, rows).weight);
}

// Customers whose next purchase is decided by chance alone: nothing that is known before can tell it.
struct Chance {
  static constexpr Code kCustomers = 900, kItems = 60;

  explicit Chance(bool leak) : shop(kItems, baskets(leak), 40) {
    targets.cols = kItems;
    for (Code c = 0; c < kCustomers; ++c) {
      customers.push_back(c);
      targets.indices.push_back(next(c));
      targets.indptr.push_back(c + 1);
    }
  }
  static Code draw(Code c, std::uint64_t stream) {
    return static_cast<Code>(philox_below(11, stream, static_cast<std::uint64_t>(c), kItems));
  }
  static Code next(Code c) { return draw(c, 99); }
  static std::vector<std::vector<Basket>> baskets(bool leak) {
    std::vector<std::vector<Basket>> all;
    for (Code c = 0; c < kCustomers; ++c) {
      std::vector<Basket> of;
      for (int b = 0; b < 4; ++b) of.push_back({5.0 * b, {draw(c, static_cast<std::uint64_t>(b))}});
      if (leak) of.push_back({39, {next(c)}});
      all.push_back(of);
    }
    return all;
  }
  BlendReport fitted() const {
    RecommenderParams params;
    params.recommend.sources = {"habit", "popularity"};
    params.recommend.owned = Owned::kAllow;
    Context ctx{Device::kCpu, 2, {}, {}};
    const Recommender recommender = Recommender::fit(ctx, shop.view(), params);
    const HistoryView history = shop.view();
    return fit_best_blend(ctx, {recommender, history, customers, targets.view()}, nullptr, {}).report;
  }
  TestHistory shop;
  std::vector<Code> customers;
  Csr<float> targets;
};

TEST(Ranker, PlantedLeakShowsAndWithoutItNothingBeatsChance) {
  const double chance = [] {  // a list of ten out of sixty in any order
    double sum = 0;
    for (int place = 0; place < 10; ++place) sum += 1 / std::log2(place + 2.0);
    return sum / Chance::kItems;
  }();
  const BlendReport honest = Chance(false).fitted(), leaking = Chance(true).fitted();
  for (int kind = 0; kind < (trees_are_built() ? 3 : 2); ++kind) {
    EXPECT_LT(honest.ndcg[kind], 1.6 * chance) << kBlendKinds[kind] << " learnt what cannot be known";
    EXPECT_GT(leaking.ndcg[kind], 5 * chance) << kBlendKinds[kind] << " does not use what it was shown";
  }
  EXPECT_EQ(honest.customers, Chance::kCustomers);
}

TEST(Ranker, TheSimplestWithinOnePercentWinsAndFewCustomersKeepTheWeights) {
  Context ctx;
  RankerData data;
  data.features = 1;
  for (Offset c = 0; c < 400; ++c) {  // the given order is perfect: nothing is gained by learning it
    for (int i = 0; i < 5; ++i) {
      data.x.push_back(static_cast<float>(-i));
      data.label.push_back(i == 0 ? 1.0f : 0.0f);
      data.popularity.push_back(1);
      data.item.push_back(i);
    }
    data.offset.push_back(5 * (c + 1));
    data.fold.push_back(static_cast<int>(c % kFolds));
    data.ideal.push_back(1);
    data.sum.insert(data.sum.end(), {5, 4, 3, 2, 1});
  }
  BlendModel model;
  EXPECT_EQ(fit_ranker(ctx, data, nullptr, model).kind, BlendKind::kWeights);
  EXPECT_NEAR(model.probability(5), 1, 1e-6);
  EXPECT_NEAR(model.probability(3), 0, 1e-6);
  // The same with the bought one in the middle of the given order: now learning pays.
  for (Offset at = 0; at < static_cast<Offset>(data.label.size()); ++at) data.label[at] = at % 5 == 2 ? 1.0f : 0.0f;
  for (Offset at = 0; at < static_cast<Offset>(data.x.size()); ++at) data.x[at] = at % 5 == 2 ? 1.0f : 0.0f;
  const BlendReport report = fit_ranker(ctx, data, nullptr, model);
  // What held in an earlier window and holds no more is not taken for knowledge.
  RankerData now = data;
  for (Offset at = 0; at < static_cast<Offset>(now.label.size()); ++at) now.label[at] = at % 5 == 0 ? 1.0f : 0.0f;
  EXPECT_EQ(fit_ranker(ctx, now, &data, model).kind, BlendKind::kWeights);
  EXPECT_EQ(fit_ranker(ctx, now, &data, model).earlier_customers, 400);
  EXPECT_EQ(report.kind, BlendKind::kLogistic);
  EXPECT_GT(report.ndcg[1], 0.99);
  data.offset.resize(101);
  data.fold.resize(100);
  data.ideal.resize(100);
  for (auto* column : {&data.x, &data.label, &data.sum}) column->resize(500);
  data.popularity.resize(500);
  data.item.resize(500);
  EXPECT_EQ(fit_ranker(ctx, data, nullptr, model).kind, BlendKind::kWeights) << "too few to learn from";
}

// Customers who buy one of eight candidates by a rule with interactions, and now and then by chance.
RankerData noisy_choices(std::uint64_t seed) {
  constexpr Offset kCandidates = 8;
  RankerData data;
  data.features = 4;
  for (Offset c = 0; c < 400; ++c) {
    double best = -1;
    Offset bought = 0;
    for (Offset i = 0; i < kCandidates; ++i) {
      const auto at = static_cast<std::uint64_t>(c * kCandidates + i);
      std::array<double, 4> x{};
      for (std::uint64_t f = 0; f < x.size(); ++f)
        data.x.push_back(static_cast<float>(x[f] = philox_uniform(seed, f, at)));
      const double value = x[0] * x[1] + (x[2] < 0.5 ? x[3] : 1 - x[3]) + 0.5 * philox_uniform(seed, 9, at);
      if (value > best) {
        best = value;
        bought = i;
      }
      data.sum.push_back(static_cast<float>(kCandidates - i));
      data.popularity.push_back(1);
      data.item.push_back(static_cast<Code>(i));
    }
    for (Offset i = 0; i < kCandidates; ++i) data.label.push_back(i == bought ? 1.0f : 0.0f);
    data.offset.push_back(static_cast<Offset>(data.label.size()));
    data.fold.push_back(static_cast<int>(c % kFolds));
    data.ideal.push_back(1);
  }
  return data;
}

TEST(Ranker, TreesGrowWhereTheOrderOfThoseWhoAreJudgedIsBest) {
  if (!trees_are_built()) GTEST_SKIP() << "built without XGBoost";
  Context ctx;
  const RankerData data = noisy_choices(21), before = noisy_choices(22);
  BlendModel model;
  const BlendReport report = fit_ranker(ctx, data, &before, model);
  ASSERT_EQ(report.kind, BlendKind::kTrees);
  EXPECT_EQ(model.trees.roots.size(), static_cast<std::size_t>(report.rounds));
  const std::vector<float> equal(before.label.size(), 1.0f);
  TreeTrainer trainer({{before.x.data(), static_cast<Offset>(before.label.size()), 4}, before.label, equal}, {});
  double best = 0;
  int rounds = 0;
  std::vector<float> score(data.label.size(), 0.0f);
  for (int grown = 10; grown <= report.rounds + 60; grown += 10) {
    trainer.grow(10);
    const TreeEnsemble trees = trainer.trees();
    for (std::size_t r = 0; r < score.size(); ++r) score[r] = trees.score(data.x.data() + 4 * r);
    if (const double ndcg = ranked_ndcg(data, score); ndcg > best) {
      best = ndcg;
      rounds = grown;
    }
  }
  EXPECT_EQ(report.rounds, rounds);
  EXPECT_EQ(report.ndcg[2], best);
}

}  // namespace
}  // namespace nextbest::test
