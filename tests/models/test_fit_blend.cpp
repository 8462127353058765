#include <cmath>

#include <gmock/gmock.h>

#include "models/blend/blend_search.hpp"
#include "models/recommender.hpp"
#include "tests/support/histories.hpp"

namespace nextbest::test {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

// One customer, three candidates in code order, two sources; item 2 is the most popular.
CandidatePool small_pool() {
  CandidatePool pool;
  pool.sources = 2;
  pool.offset = {0, 3};
  pool.item = {0, 1, 2};
  pool.score = {1, 0, 0.5f, 1, 0.5f, 0};
  return pool;
}

TEST(BlendSearch, NdcgByHand) {
  BlendSearch search(2);
  const Csr<float> targets{4, {0, 2}, {0, 3}, {}};
  const std::vector<Offset> rows{0};
  const std::vector<std::int64_t> popularity{1, 1, 2, 1};
  search.add(small_pool(), targets.view(), rows, popularity);
  EXPECT_EQ(search.informative(), 1u);
  const double ideal = 1 + 1 / std::log2(3.0);
  EXPECT_THAT(search.ndcg(std::vector<double>{1, 0}), DoubleNear(1 / ideal, 1e-12)) << "0 leads";
  EXPECT_THAT(search.ndcg(std::vector<double>{0, 1}), DoubleNear(0.5 / ideal, 1e-12)) << "1, then 2 by popularity";
  EXPECT_THAT(search.ndcg(std::vector<double>{1, 0.5}), DoubleNear(1 / ideal, 1e-12))
      << "0 and 1 tie at 1 and are equally popular: the smaller code leads";
}

TEST(BlendSearch, CustomersWithoutATargetAmongTheirCandidatesCountAsZero) {
  BlendSearch search(2);
  const Csr<float> targets{4, {0, 1, 2}, {0, 3}, {}};
  const std::vector<std::int64_t> popularity(4, 1);
  search.add(small_pool(), targets.view(), std::vector<Offset>{0}, popularity);
  search.add(small_pool(), targets.view(), std::vector<Offset>{1}, popularity);
  EXPECT_EQ(search.informative(), 1u);
  EXPECT_DOUBLE_EQ(search.ndcg(std::vector<double>{1, 0}), 0.5);
}

// 120 customers with habits of their own; a crowd of items that everybody else buys. Targets follow one of the two.
struct Planted {
  static constexpr Code kCustomers = 120;

  Planted() : shop(200, baskets(), 10) {
    for (Code c = 0; c < kCustomers; ++c) customers.push_back(c);
  }
  static std::vector<std::vector<Basket>> baskets() {
    std::vector<std::vector<Basket>> all;
    for (Code c = 0; c < kCustomers; ++c) {
      const Code own = 20 + c;
      all.push_back({{0, {c % 20, own}}, {1, {own}}, {2, {(c + 1) % 20, own}}});
    }
    for (Code c = 0; c < 30; ++c) all.push_back({{9, {180, 181}}});
    return all;
  }
  Csr<float> targets(const std::function<std::vector<Code>(Code)>& of) const {
    Csr<float> rows;
    rows.cols = 200;
    for (const Code c : customers) {
      const std::vector<Code> items = of(c);
      rows.indices.insert(rows.indices.end(), items.begin(), items.end());
      rows.indptr.push_back(static_cast<Offset>(rows.indices.size()));
    }
    return rows;
  }
  Recommender recommender() const {
    RecommenderParams params;
    params.recommend.sources = {"habit", "popularity"};
    Context ctx;
    return Recommender::fit(ctx, shop.view(), params);
  }

  TestHistory shop;
  std::vector<Code> customers;
};

TEST(FitBlend, FindsTheSourceThatThePlantedTargetsFollow) {
  const Planted planted;
  const Recommender recommender = planted.recommender();
  Context ctx{Device::kCpu, 2, {}, {}};
  const auto fitted = [&](const Csr<float>& targets) {
    return fit_blend(ctx, recommender, planted.shop.view(), planted.customers, targets.view(), {});
  };
  const auto habits = fitted(planted.targets([](Code c) { return std::vector<Code>{20 + c}; }));
  EXPECT_GT(habits[0], habits[1]);
  const auto crowd = fitted(planted.targets([](Code) { return std::vector<Code>{180, 181}; }));
  EXPECT_GT(crowd[1], crowd[0]);
  EXPECT_DOUBLE_EQ(std::max(crowd[0], crowd[1]), 1.0);
}

TEST(FitBlend, BlendBeatsEverySingleSourceOnMixedTargets) {
  const Planted planted;
  Recommender recommender = planted.recommender();
  const Csr<float> targets = planted.targets([](Code c) { return std::vector<Code>{20 + c, 180}; });
  Context ctx;
  const auto weights = fit_blend(ctx, recommender, planted.shop.view(), planted.customers, targets.view(), {});
  recommender.set_weights(weights);
  const auto lists = recommender.recommend(ctx, planted.shop.view(), planted.customers, 2, {});
  for (std::size_t row = 0; row < planted.customers.size(); ++row)
    EXPECT_THAT((std::vector<Code>{lists.item[2 * row], lists.item[2 * row + 1]}),
                testing::UnorderedElementsAre(20 + planted.customers[row], 180));
}

TEST(FitBlend, FewCustomersLeaveThePrior) {
  const Planted planted;
  const Recommender recommender = planted.recommender();
  Context ctx;
  const std::vector<Code> few{0, 1, 2};
  const Csr<float> targets{200, {0, 1, 2, 3}, {180, 180, 180}, {}};
  const std::vector<double> weights = fit_blend(ctx, recommender, planted.shop.view(), few, targets.view(), {});
  EXPECT_THAT(weights, testing::ElementsAreArray(recommender.weights().begin(), recommender.weights().end()));
}

TEST(FitBlend, ThreadsDoNotChangeTheWeights) {
  const Planted planted;
  const Recommender recommender = planted.recommender();
  const Csr<float> targets =
      planted.targets([](Code c) { return c % 3 ? std::vector<Code>{20 + c} : std::vector<Code>{180}; });
  Context one, three{Device::kCpu, 3, {}, {}};
  EXPECT_EQ(fit_blend(one, recommender, planted.shop.view(), planted.customers, targets.view(), {}),
            fit_blend(three, recommender, planted.shop.view(), planted.customers, targets.view(), {}));
}

}  // namespace
}  // namespace nextbest::test
