#include <gmock/gmock.h>

#include "models/recommender.hpp"
#include "tests/support/histories.hpp"

namespace nextbest::test {
namespace {

constexpr Code kCustomers = 50, kSquares = 50;

// Every even customer has every even item but one, every odd customer every odd item but one: the item whose number is
// the customer's own. It must come out on top.
TestHistory checkerboard() {
  std::vector<std::vector<Basket>> customers;
  for (Code c = 0; c < kCustomers; ++c) {
    Basket all;
    for (Code item = c % 2; item < kSquares; item += 2)
      if (item != c) all.items.push_back(item);
    customers.push_back({all});
  }
  return TestHistory(kSquares, customers);
}

class Checkerboard : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(Checkerboard, TheMissingItemLeads) {
  const TestHistory board = checkerboard();
  RecommenderParams params;
  params.recommend.sources = GetParam();
  params.embeddings.factors = 8;
  Context ctx;
  const Recommender fitted = Recommender::fit(ctx, board.view_without_times(), params);
  ASSERT_FALSE(fitted.offers_owned());
  std::vector<Code> everybody(kCustomers);
  for (Code c = 0; c < kCustomers; ++c) everybody[c] = c;
  const Recommendations lists = fitted.recommend(ctx, board.view_without_times(), everybody, 3, {});
  for (Code c = 0; c < kCustomers; ++c) EXPECT_EQ(lists.item[c * 3], c) << "customer " << c;
}

INSTANTIATE_TEST_SUITE_P(Collaborative, Checkerboard,
                         testing::Values(std::vector<std::string>{"together"}, std::vector<std::string>{"item_item"},
                                         std::vector<std::string>{"ials"},
                                         std::vector<std::string>{"habit", "together", "after", "ials", "item_item",
                                                                  "popularity"}),
                         [](const auto& all) { return all.param.size() > 1 ? std::string("blend") : all.param[0]; });

}  // namespace
}  // namespace nextbest::test
