#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "models/ials/ials.hpp"
#include "tests/support/history_case.hpp"

namespace nextbest::test {
namespace {

HistoryCase two_customers() {
  HistoryCase history;
  history.items = 4;
  history.as_of = 100 * kMicrosPerDay;
  history.add({0, 2}, 30);
  history.add({2}, 20);
  history.add({2, 3}, 10);
  history.close_customer();
  history.close_customer();  // bought nothing
  history.add({1}, 5);
  history.close_customer();
  history.add({0, 1}, 1);  // nobody's
  return history;
}

TEST(IalsRatings, OneIsOneForWhatWasBought) {
  IalsParams params;
  params.confidence = Confidence::kOne;
  const Csr<float> ratings = ials_ratings({}, two_customers().view(), params);
  EXPECT_EQ(ratings.cols, 4);
  EXPECT_EQ(ratings.indptr, (std::vector<Offset>{0, 3, 3, 4}));
  EXPECT_EQ(ratings.indices, (std::vector<Code>{0, 2, 3, 1}));
  EXPECT_TRUE(ratings.values.empty());
}

TEST(IalsRatings, LogCountsBasketsAndHalvesByTheLastOne) {
  IalsParams params;
  const double once = 1 + std::log(2), thrice = 1 + std::log(4);
  Csr<float> ratings = ials_ratings({}, two_customers().view(), params);
  ASSERT_EQ(ratings.values.size(), 4U);
  EXPECT_FLOAT_EQ(ratings.values[0], static_cast<float>(once));
  EXPECT_FLOAT_EQ(ratings.values[1], static_cast<float>(thrice));
  EXPECT_FLOAT_EQ(ratings.values[3], static_cast<float>(once));

  params.half_life_days = 10;
  ratings = ials_ratings({}, two_customers().view(), params);
  EXPECT_FLOAT_EQ(ratings.values[0], static_cast<float>(once / 8));
  EXPECT_FLOAT_EQ(ratings.values[1], static_cast<float>(thrice / 2));
  EXPECT_FLOAT_EQ(ratings.values[2], static_cast<float>(once / 2));
  EXPECT_FLOAT_EQ(ratings.values[3], static_cast<float>(once * std::exp2(-.5)));

  params.half_life_days = .01;  // thirty days are 3000 half-lives
  ratings = ials_ratings({}, two_customers().view(), params);
  for (const float c : ratings.values) EXPECT_EQ(c, static_cast<float>(kSmallestConfidence));
}

TEST(IalsRatings, WithoutTimesNothingFades) {
  HistoryCase history = two_customers();
  history.time.clear();
  IalsParams params;
  params.half_life_days = 1;
  EXPECT_FLOAT_EQ(ials_ratings({}, history.view(), params).values[1], static_cast<float>(1 + std::log(4)));
}

TEST(IalsRatings, ManyCustomersOnManyThreads) {
  constexpr Code kMany = 40'000;  // three pieces of work
  HistoryCase history;
  history.items = 7;
  for (Code c = 0; c < kMany; ++c) {
    history.add({c % 7});
    history.close_customer();
  }
  const Context ctx{Device::kCpu, 4, {}, {}};
  const Csr<float> ratings = ials_ratings(ctx, history.view(), {});
  ASSERT_EQ(ratings.view().rows(), kMany);
  for (Code c = 0; c < kMany; ++c) {
    ASSERT_EQ(ratings.view().row_size(c), 1) << c;
    ASSERT_EQ(ratings.view().row(c)[0], c % 7) << c;
  }
  EXPECT_EQ(ratings.values, std::vector<float>(kMany, static_cast<float>(1 + std::log(2))));
}

TEST(IalsRatings, WithoutCustomersThereAreNone) {
  HistoryCase history;
  history.items = 3;
  history.add({0, 1});
  const Csr<float> ratings = ials_ratings({}, history.view(), {});
  EXPECT_EQ(ratings.view().rows(), 0);
  EXPECT_EQ(ratings.cols, 3);
}

class IalsSourceTest : public testing::Test {
 protected:
  IalsSourceTest() {
    auto factors = std::make_shared<IalsFactors>();
    factors->dim = 2;
    factors->items = {1, 0, 0, 1, 1, 1, -1, 0, 1, 0};  // items 0 and 4 are equal
    factors->customers = {2, 1, 0, 0, 0, 3};
    factors->customer_entries = {1, 0, 2};
    Context ctx;
    source_ = make_ials_source(ctx, factors, {}, {5, 4, 3, 2, 6});
    history_.items = 5;
    history_.add({0});
    history_.close_customer();
    history_.close_customer();
    history_.add({1, 2});
    history_.close_customer();
    history_.close_customer();  // a customer whom the model does not know
  }

  std::vector<Code> list(const std::vector<Code>& customers, const TopKFilter& filter = {}, Offset k = 3) {
    const auto rows = static_cast<Offset>(customers.size());
    std::vector<Code> items(rows * k, 77);
    scores_.assign(rows * k, 77);
    Context ctx;
    source_->candidates(ctx, history_.view(), customers, filter, {{items.data(), rows, k}, {scores_.data(), rows, k}});
    return items;
  }

  HistoryCase history_;
  std::unique_ptr<Source> source_;
  std::vector<float> scores_;
};

TEST_F(IalsSourceTest, BestProductFirstThenPopularity) {
  EXPECT_EQ(source_->name(), "ials");
  EXPECT_EQ(list({0}), (std::vector<Code>{2, 4, 0}));
  EXPECT_EQ(scores_, (std::vector<float>{3, 2, 2}));
  EXPECT_EQ(list({2}), (std::vector<Code>{1, 2, 4}));
}

TEST_F(IalsSourceTest, CustomersWithoutHistoryGetNothing) {
  EXPECT_EQ(list({0, 1, 2}), (std::vector<Code>{2, 4, 0, kNoCode, kNoCode, kNoCode, 1, 2, 4}));
  EXPECT_EQ(scores_[3], 0);
  EXPECT_EQ(list({3}), (std::vector<Code>{kNoCode, kNoCode, kNoCode}));
}

TEST_F(IalsSourceTest, FiltersInside) {
  Csr<float> owned;
  owned.cols = 5;
  owned.indptr = {0, 1, 2};
  owned.indices = {2, 1};
  TopKFilter filter;
  filter.owned = owned.view();
  EXPECT_EQ(list({0, 2}, filter), (std::vector<Code>{4, 0, 1, 2, 4, 0}));
}

TEST_F(IalsSourceTest, PopularityOfOtherItemsIsRefused) {
  auto factors = std::make_shared<IalsFactors>();
  factors->dim = 1;
  factors->items = {1, 2};
  Context ctx;
  EXPECT_THROW(make_ials_source(ctx, factors, {}, {1}), ShapeMismatch);
}

/// Two tastes of four items each; every customer lacks one item of the own taste.
HistoryCase two_tastes(Offset customers) {
  HistoryCase history;
  history.items = 8;
  for (Offset c = 0; c < customers; ++c) {
    const Code first = c % 2 == 0 ? 0 : 4, missing = static_cast<Code>(first + c / 2 % 4);
    std::vector<Code> basket;
    for (Code i = first; i < first + 4; ++i)
      if (i != missing) basket.push_back(i);
    history.add(basket);
    history.close_customer();
  }
  return history;
}

std::vector<Code> first_offers(const Source& source, const HistoryCase& history, const std::vector<Code>& customers) {
  const auto rows = static_cast<Offset>(customers.size());
  const Csr<float> owned = ials_ratings({}, history.view(), {}, customers);
  TopKFilter filter;
  filter.owned = owned.view();
  std::vector<Code> items(rows);
  std::vector<float> scores(rows);
  Context ctx;
  source.candidates(ctx, history.view(), customers, filter, {{items.data(), rows, 1}, {scores.data(), rows, 1}});
  return items;
}

TEST(IalsFoldIn, NewCustomersAndLongerHistoriesAreServed) {
  IalsParams params;
  params.factors = 4;
  const HistoryCase known = two_tastes(40);
  Context ctx;
  const auto factors =
      std::make_shared<const IalsFactors>(fit_ials(ctx, ials_ratings({}, known.view(), params), params));
  const auto source = make_ials_source(ctx, factors, params, std::vector<std::int64_t>(8, 1));
  EXPECT_EQ(first_offers(*source, known, {0, 1, 2, 3}), (std::vector<Code>{0, 4, 1, 5}));

  // Customers 40 and 41 come after the fit; customer 0 has since bought all of the own taste and half of the other.
  HistoryCase later;
  later.items = 8;
  later.add({0, 1, 2, 3, 4, 5, 6});
  later.close_customer();
  for (Offset c = 1; c < 40; ++c) {
    const auto basket = known.view().basket(c);
    later.add({basket.begin(), basket.end()});
    later.close_customer();
  }
  later.add({0, 1, 3});
  later.close_customer();
  later.add({4, 6, 7});
  later.close_customer();
  EXPECT_EQ(first_offers(*source, later, {0, 1, 40, 41}), (std::vector<Code>{7, 4, 2, 5}));
}

}  // namespace
}  // namespace nextbest::test
