#include <algorithm>
#include <functional>

#include <gmock/gmock.h>

#include "kernels/core/error.hpp"
#include "models/recommender.hpp"
#include "tests/support/histories.hpp"

namespace nextbest::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

RecommenderParams params_of(std::vector<std::string> sources, Owned owned = Owned::kAuto) {
  RecommenderParams params;
  params.recommend.sources = std::move(sources);
  params.recommend.owned = owned;
  return params;
}

std::vector<Code> list(const Recommendations& all, std::size_t row) {
  std::vector<Code> items;
  for (Offset place = 0; place < all.k; ++place)
    if (all.item[row * all.k + place] != kNoCode) items.push_back(all.item[row * all.k + place]);
  return items;
}

std::string message_of(const RecommenderParams& params, const HistoryView& history) {
  Context ctx;
  try {
    Recommender::fit(ctx, history, params);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

// Customer 0 buys 5 again and again; the crowd buys 0, 1 and 2.
const TestHistory kShop(7, {{{1, {5}}, {2, {4, 5}}, {3, {5}}}, {{4, {0, 1}}}, {{5, {0, 1, 2}}}, {{6, {0}}}, {}}, 10);

TEST(RecommenderFit, UnknownSourceNamesTheNearest) {
  EXPECT_THAT(message_of(params_of({"habbit"}), kShop.view()), HasSubstr("did you mean \"habit\""));
}

TEST(RecommenderFit, TheDefaultSourcesInTheirOrder) {
  Context ctx;
  RecommenderParams params;
  params.embeddings.factors = 4;
  params.embeddings.iterations = 2;
  std::vector<std::string> events;
  const auto fitted =
      Recommender::fit(ctx, kShop.view(), params, [&](const std::string& event, double) { events.push_back(event); });
  EXPECT_THAT(fitted.source_names(), ElementsAre("habit", "voting", "together", "after", "ials", "item_item",
                                                 "popularity", "ease", "replenish", "ridge"));
  EXPECT_EQ(std::count(events.begin(), events.end(), "ials: objective"), 2);
  ASSERT_NE(fitted.embeddings(), nullptr);
  EXPECT_EQ(fitted.embeddings()->dim, 4);
  EXPECT_EQ(Recommender::fit(ctx, kShop.view(), params_of({"habit"})).embeddings(), nullptr);
}

TEST(RepeatShare, CountsLinesOfLaterBaskets) {
  // Customer 0: of three lines after the first basket, two repeat. Nobody else has a second basket.
  EXPECT_DOUBLE_EQ(repeat_share(kShop.view()), 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(repeat_share(TestHistory(3, {{{0, {0, 1, 2}}}, {{0, {0}}}}).view()), 0.0);
  EXPECT_DOUBLE_EQ(repeat_share(TestHistory(1, {}).view()), 0.0);
}

TEST(RecommenderFit, OwnedAutoFollowsTheData) {
  Context ctx;
  EXPECT_TRUE(Recommender::fit(ctx, kShop.view(), params_of({"habit"})).offers_owned());
  EXPECT_FALSE(Recommender::fit(ctx, kShop.view(), params_of({"habit"}, Owned::kExclude)).offers_owned());
  const TestHistory once(3, {{{0, {0}}, {1, {1, 2}}}, {{0, {0}}, {1, {2}}}}, 2);
  EXPECT_FALSE(Recommender::fit(ctx, once.view(), params_of({"habit"})).offers_owned());
  EXPECT_TRUE(Recommender::fit(ctx, once.view(), params_of({"habit"}, Owned::kAllow)).offers_owned());
}

TEST(Recommender, HabitLeadsAndPopularityFills) {
  Context ctx;
  const auto fitted = Recommender::fit(ctx, kShop.view(), params_of({"habit", "popularity"}));
  const auto all = fitted.recommend(ctx, kShop.view(), std::vector<Code>{0, 3, 4}, 6, {});
  EXPECT_THAT(list(all, 0), ElementsAre(5, 4, 0, 1, 2)) << "6 was never bought";
  EXPECT_THAT(list(all, 1), ElementsAre(0, 5, 1, 2, 4));
  EXPECT_THAT(list(all, 2), ElementsAre(0, 5, 1, 2, 4)) << "a customer without history gets what is popular";
  EXPECT_EQ(fitted.source_names()[all.source[0]], "habit");
  EXPECT_EQ(fitted.source_names()[all.source[2]], "popularity");
  EXPECT_TRUE(std::is_sorted(all.score.begin(), all.score.begin() + 5, std::greater<>()));
}

TEST(Recommender, OwnedExcludedInsideEverySource) {
  Context ctx;
  const auto fitted = Recommender::fit(ctx, kShop.view(), params_of({"habit", "popularity"}, Owned::kExclude));
  EXPECT_THAT(list(fitted.recommend(ctx, kShop.view(), std::vector<Code>{0}, 3, {}), 0), ElementsAre(0, 1, 2));
  EXPECT_THAT(list(fitted.candidates(ctx, 0, kShop.view(), std::vector<Code>{0}, 3, {}), 0), IsEmpty());
}

TEST(Recommender, RulesBelongToCustomersOfTheWholeHistory) {
  Context ctx;
  const auto fitted = Recommender::fit(ctx, kShop.view(), params_of({"habit", "popularity"}));
  OfferRules rules;
  rules.eligible = {0b110111};  // not 3, not 6
  rules.blocked = {7, {0, 0, 0, 0, 1, 1}, {0}, {}};
  rules.pinned = {7, {0, 0, 0, 0, 2, 2}, {6, 0}, {}};
  const auto all = fitted.recommend(ctx, kShop.view(), std::vector<Code>{0, 3}, 3, rules);
  EXPECT_THAT(list(all, 0), ElementsAre(5, 4, 0));
  EXPECT_THAT(list(all, 1), ElementsAre(6, 5, 1)) << "the pin leads though not eligible; the block beats the pin";
  EXPECT_EQ(all.score[3], 0.0f) << "no source offers item 6";
  const auto single = fitted.candidates(ctx, 1, kShop.view(), std::vector<Code>{3}, 3, rules);
  EXPECT_THAT(list(single, 0), ElementsAre(6, 5, 1));
}

TEST(Recommender, OneSourceKeepsItsOwnScores) {
  Context ctx;
  const auto fitted = Recommender::fit(ctx, kShop.view(), params_of({"popularity"}));
  const auto all = fitted.recommend(ctx, kShop.view(), std::vector<Code>{4}, 3, {});
  EXPECT_THAT(all.score, ElementsAre(3, 3, 2));
  EXPECT_THAT(all.item, ElementsAre(0, 5, 1));
}

TEST(Recommender, ItemsAreLookedAtWhereSourcesAreBlended) {
  Context ctx;
  const std::vector<Code> category(static_cast<std::size_t>(kShop.view().items), 0);
  HistoryView history = kShop.view();
  history.category = category;
  const auto blended = Recommender::fit(ctx, history, params_of({"habit", "popularity"}));
  const auto single = Recommender::fit(ctx, history, params_of({"popularity"}));
  EXPECT_THAT(blended.features().names(), testing::Contains("category.share"));
  EXPECT_THAT(single.features().names(), testing::Not(testing::Contains("category.share")));
  EXPECT_THAT(single.features().sources(), ElementsAre("popularity"));
}

TEST(Recommender, TellsProgressAndStopsWhenCancelled) {
  Context ctx;
  std::int64_t done = 0;
  ctx.progress = [&](std::int64_t customers, std::int64_t) { done = customers; };
  const auto fitted = Recommender::fit(ctx, kShop.view(), params_of({"habit", "popularity"}));
  const std::vector<Code> customers{0, 1, 3};
  fitted.recommend(ctx, kShop.view(), customers, 2, {});
  EXPECT_EQ(done, 3);
  ctx.cancelled = [] { return true; };
  EXPECT_THAT(list(fitted.recommend(ctx, kShop.view(), customers, 2, {}), 0), IsEmpty());
}

TEST(Recommender, BlocksAndThreadsDoNotChangeTheLists) {
  std::vector<std::vector<Basket>> customers;
  for (int c = 0; c < 5000; ++c) customers.push_back({{0, {c % 17, 17 + c % 13}}, {1.0 + c % 3, {c % 17}}});
  const TestHistory shop(30, customers, 10);
  std::vector<Code> everybody(5000);
  for (int c = 0; c < 5000; ++c) everybody[c] = c;
  Context one;
  Context four{Device::kCpu, 4, {}, {}};
  const auto fitted = Recommender::fit(one, shop.view(), params_of({"habit", "popularity"}));
  const auto all = fitted.recommend(one, shop.view(), everybody, 5, {});
  const auto parallel = fitted.recommend(four, shop.view(), everybody, 5, {});
  EXPECT_EQ(all.item, parallel.item);
  EXPECT_EQ(all.score, parallel.score);
  const auto alone = fitted.recommend(one, shop.view(), std::vector<Code>{4321}, 5, {});
  EXPECT_EQ(list(alone, 0), list(all, 4321));
}

}  // namespace
}  // namespace nextbest::test
