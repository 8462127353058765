#include <array>
#include <cmath>
#include <map>

#include <gmock/gmock.h>

#include "models/popularity/popularity.hpp"
#include "models/voting/voting.hpp"
#include "tests/models/source_lists.hpp"
#include "tests/reference/voting.hpp"
#include "tests/support/histories.hpp"
#include "tests/support/random_csr.hpp"

namespace nextbest::test {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::IsEmpty;
using testing::Pair;

// Who had coffee 0 bought filters 1 next; who had tea 2 bought a cup 3 next. Customer 2 has coffee, 3 has tea, 4
// nothing.
const TestHistory kVoters(5,
                          {
                              {{0, {0, 4}}, {90, {1}}},
                              {{0, {2}}, {100, {3}}},
                              {{50, {0}}},
                              {{60, {2, 4}}},
                              {},
                          },
                          100);

std::unique_ptr<Source> voting_of(const HistoryView& history, const VotingParams& params = {}) {
  Context ctx;
  return fit_voting(ctx, history, item_orders(history), params);
}

TEST(Voting, NeighboursVoteWithWhatTheyBoughtNext) {
  const auto source = voting_of(kVoters.view(), {1, 10, 2, 100, 100, 100});
  EXPECT_EQ(source->name(), "voting");
  const auto lists = lists_of(*source, kVoters.view(), {0, 1, 2, 3, 4}, 4);
  EXPECT_THAT(lists[2], ElementsAre(Pair(1, FloatEq(0.5F * 0.5F)))) << "cosine^2 1/2, ten days old";
  EXPECT_THAT(lists[3], ElementsAre(Pair(3, FloatEq(0.5F)), Pair(1, FloatEq(0.25F * 0.5F))));
  EXPECT_THAT(lists[0], IsEmpty()) << "nobody votes for himself, and what others voted for is not his past";
  EXPECT_THAT(lists[4], IsEmpty());
}

TEST(Voting, OnlyTheNearestVote) {
  VotingParams params;
  params.neighbours = 1;
  const auto lists = lists_of(*voting_of(kVoters.view(), params), kVoters.view(), {3}, 4);
  EXPECT_THAT(lists[0], ElementsAre(Pair(3, FloatEq(0.5F)))) << "the one who had just tea, not the one with 4 alone";
}

TEST(Voting, WithoutASecondBasketNobodyVotes) {
  const TestHistory ones(3, {{{0, {0, 1}}}, {{0, {1, 2}}}}, 10);
  EXPECT_THAT(lists_of(*voting_of(ones.view()), ones.view(), {0, 1}, 3)[0], IsEmpty());
}

constexpr double kAsOfDay = 160;

std::vector<std::vector<Basket>> random_customers(std::uint64_t seed, int customers, Offset items) {
  std::mt19937_64 random(seed);
  std::vector<std::vector<Basket>> all(customers);
  for (auto& baskets : all) {
    double day = 0;
    for (Offset b = below(random, 6); b > 0; --b) {
      const Csr<float> drawn = random_csr(random(), 1, items, 3);
      if (drawn.indices.empty()) continue;
      day += static_cast<double>(below(random, 30));
      baskets.push_back({day, drawn.indices});
    }
  }
  return all;
}

reference::VotingCase reference_case(const std::vector<std::vector<Basket>>& customers, const VotingParams& params) {
  reference::VotingCase c{{}, kAsOfDay, params.basket_decay, params.vote_half_life_days, params.sharpness};
  for (const auto& baskets : customers) {
    c.customers.emplace_back();
    for (const Basket& basket : baskets) c.customers.back().emplace_back(basket.day, basket.items);
  }
  return c;
}

std::vector<Code> everybody(const HistoryView& history) {
  std::vector<Code> all(history.customers());
  for (Code c = 0; c < static_cast<Code>(all.size()); ++c) all[c] = c;
  return all;
}

TEST(Voting, AgreesWithTheNaiveReference) {
  for (const auto& [basket_decay, half_life, sharpness] :
       {std::array{0.95, 14.0, 2.0}, {0.5, 0.0, 1.0}, {1.0, 5.0, 3.0}}) {
    VotingParams params;
    params.basket_decay = basket_decay;
    params.vote_half_life_days = half_life;
    params.sharpness = sharpness;
    const auto customers = random_customers(31, 150, 24);
    const TestHistory shop(24, customers, kAsOfDay);
    const reference::VotingCase wanted = reference_case(customers, params);
    const auto lists = lists_of(*voting_of(shop.view(), params), shop.view(), everybody(shop.view()), 24);
    for (std::size_t c = 0; c < customers.size(); ++c) {
      const std::map<int, double> scores = reference::voting_scores(wanted, c);
      ASSERT_EQ(lists[c].size(), scores.size()) << "customer " << c;
      // Cosines and sums of at most 150 votes in float: a relative error below 1e-4.
      for (const auto& [item, score] : lists[c]) EXPECT_NEAR(score, scores.at(item), 1e-4 * scores.at(item));
    }
  }
}

TEST(Voting, OfManyVotersTheRecentAreLikelier) {
  std::vector<std::vector<Basket>> customers;
  for (int c = 0; c < 400; ++c) customers.push_back({{0, {0}}, {c < 200 ? 30.0 : 100.0, {c < 200 ? 1 : 2}}});
  customers.push_back({{50, {0}}});
  const TestHistory shop(3, customers, 100);
  VotingParams params;
  params.voters = 100;
  const auto list = lists_of(*voting_of(shop.view(), params), shop.view(), {400}, 3)[0];
  std::map<Code, float> score(list.begin(), list.end());
  EXPECT_GT(score[2], 90) << "votes of 70 days ago weigh 1/32, and as many times rarer they are chosen";
  EXPECT_LE(score[2], 100);
}

TEST(Voting, ThreadsDoNotChangeTheLists) {
  const TestHistory shop(40, random_customers(32, 300, 40), kAsOfDay);
  const auto source = voting_of(shop.view());
  const auto all = everybody(shop.view());
  EXPECT_EQ(lists_of(*source, shop.view(), all, 10, {}, 1), lists_of(*source, shop.view(), all, 10, {}, 4));
}

}  // namespace
}  // namespace nextbest::test
