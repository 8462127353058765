#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "tests/kernels/score_cases.hpp"
#include "tests/support/backends.hpp"

namespace nextbest::test {
namespace {

using reference::ScoreCase;

class ScoreTopKTest : public OverBackends {
 protected:
  std::vector<std::vector<reference::ScoredItem>> run(const ScoreCase& c, int k, int padding = 0, int threads = 1) {
    ScoreBuffers buffers(c, k, padding);
    Context ctx = context(threads);
    score_top_k(ctx, buffers.users, *index_items(ctx, buffers.items, c.popularity), buffers.filter, buffers.out);
    return buffers.lists();
  }
  void expect_reference(const ScoreCase& c, int k, int padding = 0, int threads = 1) {
    SCOPED_TRACE(testing::Message() << c.users << " x " << c.items << " x " << c.dim << ", k " << k << ", padding "
                                    << padding << ", threads " << threads);
    expect_equal_lists(run(c, k, padding, threads), reference::score_top_k(c, k));
  }
};

TEST_P(ScoreTopKTest, FiveByFiveWorkedByHand) {
  ScoreCase c;
  c.users = 2, c.items = 5, c.dim = 2;
  c.w = {1, 0, 0, 2};
  c.h = {3, 0, 1, 1, 3, 2, -1, 5, 0, 0};
  c.popularity = {1, 9, 4, 2, 7};
  const auto lists = run(c, 3);
  // User 0 scores 3 1 3 -1 0: items 2 and 0 tie, the more popular one leads. User 1 scores 0 2 4 10 0.
  expect_equal_lists(lists, {{{2, 3}, {0, 3}, {1, 1}}, {{3, 10}, {2, 4}, {1, 2}}});
}

TEST_P(ScoreTopKTest, EveryDimEqualsTheReferenceBitForBit) {
  for (const int dim : {1, 3, 4, 64, 100, 128, 129}) expect_reference(score_case(dim, 7, 67, dim), 10, 3);
}

TEST_P(ScoreTopKTest, SizesAroundTilesAndBlocks) {
  for (const int users : {0, 1, 7, 8, 9, 255, 256, 257})
    for (const int items : {0, 1, 15, 16, 17, 47, 48, 49, 97})
      expect_reference(score_case(users + items, users, items, 4), 5);
}

// Many more items than places in the lists, so that most are left out unscored.
TEST_P(ScoreTopKTest, LongCataloguesWithEveryKindOfFactors) {
  for (const int dim : {1, 7, 64, 130}) {
    expect_reference(score_case(dim, 40, 3000, dim), 10, 2);
    expect_reference(score_case(dim, 40, 3000, dim, true), 10, 2);  // scores equal in large numbers
    ScoreCase skewed = score_case(dim + 1, 40, 3000, dim);
    for (int i = 0; i < skewed.items; ++i)  // norms over many magnitudes, popular dims first
      for (int c = 0; c < dim; ++c) skewed.h[i * dim + c] *= std::exp(-0.01f * static_cast<float>(i % 1500)) / (1 + c);
    add_filter(skewed, 8);
    expect_reference(skewed, 10);
  }
}

// Scores closer to one another than 8 or 16 bits can tell apart: screening in few bits must let them all pass.
TEST_P(ScoreTopKTest, ItemsThatAreNearlyTheSame) {
  for (const int dim : {9, 64, 100}) {
    ScoreCase c = score_case(71, 20, 2000, dim);
    for (int i = dim; i < c.items * dim; ++i) c.h[i] = c.h[i % dim] + 1e-3f * c.h[i];
    expect_reference(c, 10);
  }
}

TEST_P(ScoreTopKTest, MagnitudesAtTheEndsOfFloat) {
  for (const int dim : {20, 70})
    for (const float scale_w : {1e-44f, 1e-30f, 1e-10f, 4e18f})
      for (const float scale_h : {1e-44f, 1e-20f, 1e18f}) {
        ScoreCase c = score_case(17, 12, 400, dim);
        for (float& x : c.w) x *= scale_w;
        for (float& x : c.h) x *= scale_h;
        c.w[3] = 0;
        std::fill_n(c.w.begin() + dim, dim, 0.0f);  // a user and an item of zeros
        std::fill_n(c.h.begin() + 3 * dim, dim, 0.0f);
        SCOPED_TRACE(testing::Message() << scale_w << " " << scale_h);
        expect_reference(c, 10);
      }
}

TEST_P(ScoreTopKTest, ListsLongerThanTheCatalogueAreClosed) {
  for (const int k : {1, 19, 20, 21, 64}) expect_reference(score_case(k, 8, 20, 3), k, 2);
}

TEST_P(ScoreTopKTest, EqualScoresFollowPopularityThenCode) {
  for (const int k : {1, 10, 40, 300}) expect_reference(score_case(k, 9, 300, 2, true), k);
}

TEST_P(ScoreTopKTest, AllPartsOfTheFilterTogether) {
  for (const int items : {1, 40, 64, 65, 300}) {
    for (const int k : {1, 8, 50, 400}) {
      ScoreCase c = score_case(items, 30, items, 5);
      add_filter(c, k);
      expect_reference(c, k, 1);
    }
  }
}

TEST_P(ScoreTopKTest, EachPartOfTheFilterAlone) {
  ScoreCase all = score_case(5, 20, 90, 6);
  add_filter(all, 6);
  const auto with = [&](auto... part) {
    ScoreCase c = score_case(5, 20, 90, 6);
    ((c.*part = all.*part), ...);
    return c;
  };
  expect_reference(with(&ScoreCase::owned), 70);
  expect_reference(with(&ScoreCase::blocked), 70);
  expect_reference(with(&ScoreCase::pinned), 70);
  expect_reference(with(&ScoreCase::eligible), 70);
}

TEST_P(ScoreTopKTest, BlocksBeatPinsAndPinsBeatOwnedAndEligible) {
  ScoreCase c;
  c.users = 1, c.items = 6, c.dim = 1;
  c.w = {1};
  c.h = {6, 5, 4, 3, 2, 1};
  c.popularity.assign(6, 0);
  c.owned = {{0, 5}};
  c.blocked = {{1, 4}};
  c.pinned = {{5, 4, 3}};
  c.eligible = {true, true, true, false, true, true};
  // 5 is owned and pinned, 3 is not eligible and pinned, 4 is blocked and pinned; of the rest only 2 may be offered.
  expect_equal_lists(run(c, 6), {{{5, 1}, {3, 3}, {2, 4}}});
  expect_equal_lists(run(c, 1), {{{5, 1}}});
}

TEST_P(ScoreTopKTest, ExactlyKWheneverEnoughItemsPass) {
  ScoreCase c = score_case(3, 50, 200, 8);
  add_filter(c, 4);
  c.pinned.clear();
  const auto lists = run(c, 30);
  for (const auto& list : lists) EXPECT_EQ(list.size(), 30u);
}

TEST_P(ScoreTopKTest, ThreadsDoNotChangeTheResult) {
  ScoreCase c = score_case(11, 700, 150, 16);
  add_filter(c, 12);
  for (const int threads : {1, 2, 5}) expect_reference(c, 12, 0, threads);
}

TEST_P(ScoreTopKTest, ScoresLieWithinTheDerivedBound) {
  const ScoreCase c = score_case(21, 4, 50, 129);
  const auto lists = run(c, 50);
  for (int u = 0; u < c.users; ++u)
    for (const auto& [item, score] : lists[u])
      EXPECT_LE(std::fabs(score - score_in_double(c, u, item)), score_bound(c, u, item));
}

TEST_P(ScoreTopKTest, ScoreThatIsNotANumberIsAnError) {
  ScoreCase c = score_case(31, 8, 40, 4);
  c.h[35 * 4 + 2] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(run(c, 1), NumericalError);
  c.eligible.assign(40, true);
  c.eligible[35] = false;
  EXPECT_NO_THROW(run(c, 1)) << "a score that nobody asked for was read";
  c.pinned.assign(8, {35});
  EXPECT_THROW(run(c, 1), NumericalError);
}

TEST_P(ScoreTopKTest, InfinitiesAreRanked) {
  ScoreCase c = score_case(41, 1, 40, 1);
  c.w = {1};
  c.h[3] = std::numeric_limits<float>::infinity();
  c.h[7] = -std::numeric_limits<float>::infinity();
  expect_reference(c, 40);
}

// No bound lies above an infinite score: who has a list full of them still wants the tiles to come.
TEST_P(ScoreTopKTest, InfinitiesOfLaterTilesAreTies) {
  ScoreCase c = score_case(43, 1, 300, 1);
  c.w = {2};
  for (int i = 0; i < 300; ++i) {
    c.h[i] = 3.3e38F - static_cast<float>(i) * 1e35F;
    c.popularity[i] = i;
  }
  expect_reference(c, 5);
}

TEST_P(ScoreTopKTest, ArgumentsThatBreakTheContract) {
  const ScoreCase c = score_case(51, 3, 70, 4);
  Context ctx = context();
  const auto call = [&](auto change) {
    ScoreBuffers b(c, 5);
    std::vector<std::int64_t> popularity = c.popularity;
    change(b, popularity);
    score_top_k(ctx, b.users, *index_items(ctx, b.items, popularity), b.filter, b.out);
  };
  EXPECT_NO_THROW(call([](auto&, auto&) {}));
  EXPECT_THROW(call([](auto& b, auto&) { b.items.cols = 3; }), ShapeMismatch);
  EXPECT_THROW(call([](auto&, auto& popularity) { popularity.pop_back(); }), ShapeMismatch);
  EXPECT_THROW(call([](auto& b, auto&) { b.out.item.rows = 2; }), ShapeMismatch);
  EXPECT_THROW(call([](auto& b, auto&) { b.out.score.cols = 4; }), ShapeMismatch);
  EXPECT_THROW(call([](auto& b, auto&) { b.out.item.cols = b.out.score.cols = 0; }), InvalidArgument);
  EXPECT_THROW(call([](auto& b, auto&) { b.users.stride = 3; }), InvalidArgument);
  EXPECT_THROW(call([](auto& b, auto&) { b.items.stride = 3; }), InvalidArgument);
  EXPECT_THROW(call([](auto& b, auto&) { b.items.cols = b.users.cols = 0; }), InvalidArgument);
  EXPECT_THROW(call([](auto& b, auto&) { b.items.cols = b.items.stride = kMostDims + 1; }), InvalidArgument);
  const std::vector<std::uint64_t> one_word{~std::uint64_t{0}};
  EXPECT_THROW(call([&](auto& b, auto&) { b.filter.eligible = one_word; }), ShapeMismatch);
  const Csr<float> two_rows{70, {0, 0, 0}, {}, {}};
  EXPECT_THROW(call([&](auto& b, auto&) { b.filter.owned = two_rows.view(); }), ShapeMismatch);
  const Csr<float> outside{70, {0, 1, 1, 1}, {70}, {}};
  EXPECT_THROW(call([&](auto& b, auto&) { b.filter.pinned = outside.view(); }), InvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(All, ScoreTopKTest, testing::ValuesIn(backends()), BackendName());

}  // namespace
}  // namespace nextbest::test
