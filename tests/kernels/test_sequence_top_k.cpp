#include <cmath>

#include <gmock/gmock.h>

#include "kernels/core/error.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/sequence_case.hpp"

namespace nextbest::test {
namespace {

using testing::ElementsAre;

using SequenceTopKTest = OverBackends;
INSTANTIATE_TEST_SUITE_P(All, SequenceTopKTest, testing::ValuesIn(backends()), BackendName());

struct NextLists {
  std::vector<Code> item;
  std::vector<float> score;
};

NextLists lists_of(Context ctx, const reference::SequenceCase& c, Offset begin, Offset end, Offset k) {
  const LaidSequences laid(c);
  NextLists lists{std::vector<Code>((end - begin) * k, -7), std::vector<float>((end - begin) * k, -7)};
  SequenceParams params = params_of(c);
  params.begin = begin;
  params.end = end;
  sequence_top_k(ctx, laid.view(), laid.lines_of.view(), params,
                 {{lists.item.data(), end - begin, k}, {lists.score.data(), end - begin, k}});
  return lists;
}

void expect_reference(Context ctx, const reference::SequenceCase& c, Offset k) {
  const Offset begin = c.items / 5, end = c.items;
  const NextLists lists = lists_of(ctx, c, begin, end, k);
  for (Offset a = begin; a < end; ++a) {
    SCOPED_TRACE(testing::Message() << "item " << a);
    const std::map<int, double> scores = reference::sequence_scores(c, static_cast<int>(a));
    const Offset at = (a - begin) * k, length = std::min<Offset>(k, static_cast<Offset>(scores.size()));
    std::vector<double> best;
    for (const auto& [b, score] : scores) best.push_back(score);
    std::sort(best.rbegin(), best.rend());
    for (Offset place = 0; place < k; ++place) {
      if (place >= length) {
        ASSERT_EQ(lists.item[at + place], kNoCode);
        continue;
      }
      ASSERT_TRUE(scores.count(lists.item[at + place]));
      // Sums of doubles in another order, written as float: half a unit in the last place and a little.
      ASSERT_NEAR(lists.score[at + place], scores.at(lists.item[at + place]), 1e-7 * best[place]);
      ASSERT_NEAR(lists.score[at + place], best[place], 1e-7 * best[place]) << "not the best";
    }
  }
}

TEST_P(SequenceTopKTest, EveryKindOfPairAgainstTheReference) {
  for (const bool same_basket : {true, false})
    for (const bool either_order : {true, false})
      for (const double basket_decay : {0.0, 0.5, 1.0})
        for (const double half_life : {0.0, 9.0}) {
          reference::SequenceCase c = random_sequences(41, 23, 60);
          c.same_basket = same_basket;
          c.either_order = either_order;
          c.basket_decay = basket_decay;
          c.half_life_days = half_life;
          c.window_days = half_life > 0 ? 25 : 0;
          c.by_exposure = !either_order;
          c.prior = either_order ? 0 : 5;
          c.min_pairs = same_basket ? 1 : 2;
          c.target_exponent = 0.3;
          c.sharpness = 0.9;
          SCOPED_TRACE(testing::Message()
                       << same_basket << either_order << ", g " << basket_decay << ", h " << half_life);
          expect_reference(context(2), c, 6);
        }
}

TEST_P(SequenceTopKTest, EveryShape) {
  for (const int items : {1, 2, 16, 17, 67})
    for (const int customers : {0, 1, 31})
      for (const Offset k : {1, 3, 80}) {
        SCOPED_TRACE(testing::Message() << items << " items, " << customers << " customers, k " << k);
        expect_reference(context(1), random_sequences(42, items, customers), k);
      }
}

TEST_P(SequenceTopKTest, ByHand) {
  // Printer 0 on day 0, ink 1 on days 7 and 9, paper 2 with the ink of day 7.
  reference::SequenceCase c;
  c.items = 3;
  c.customers = {{{0, 0, 0, 1}, {1, 1, 7, 1}, {2, 1, 7, 1}, {1, 2, 9, 1}}};
  c.same_basket = c.either_order = false;
  c.by_exposure = true;
  c.basket_decay = 0.5;
  c.anchor_exponent = 1;
  c.target_exponent = 0;
  const NextLists lists = lists_of(context(), c, 0, 3, 2);
  EXPECT_THAT(lists.item, ElementsAre(1, 2, kNoCode, kNoCode, 1, kNoCode)) << "nothing but ink comes after paper";
  EXPECT_THAT(lists.score, ElementsAre(0.6F, 0.4F, 0, 0, 1, 0)) << "1.5 and 1 of 2.5";
}

TEST_P(SequenceTopKTest, EqualScoresByLinesThenCode) {
  // 1, 2 and 3 each once with 0; 3 is bought once more alone.
  reference::SequenceCase c;
  c.items = 4;
  c.customers = {{{0, 0, 0, 1}, {1, 0, 0, 1}, {2, 0, 0, 1}, {3, 0, 0, 1}}, {{3, 0, 0, 1}}};
  c.target_exponent = 0;
  EXPECT_THAT(lists_of(context(), c, 0, 1, 3).item, ElementsAre(3, 1, 2));
}

TEST_P(SequenceTopKTest, ThreadsDoNotChangeTheBits) {
  const reference::SequenceCase c = random_sequences(43, 101, 300);
  const NextLists one = lists_of(context(1), c, 0, 101, 20), four = lists_of(context(4), c, 0, 101, 20);
  EXPECT_EQ(one.item, four.item);
  EXPECT_EQ(one.score, four.score);
}

TEST_P(SequenceTopKTest, SaysWhatDoesNotFit) {
  reference::SequenceCase c = random_sequences(44, 9, 5);
  const auto run = [&](Offset begin, Offset end) { lists_of(context(), c, begin, end, 3); };
  EXPECT_THROW(run(0, 10), InvalidArgument);
  c.basket_decay = 1.5;
  EXPECT_THROW(run(0, 9), InvalidArgument);
  c.basket_decay = 1;
  const LaidSequences laid(c);
  Sequences in = laid.view();
  in.basket = in.basket.first(1);
  Context ctx = context();
  EXPECT_THROW(sequence_top_k(ctx, in, laid.lines_of.view(), params_of(c), {{nullptr, 0, 1}, {nullptr, 0, 1}}),
               ShapeMismatch);
}

}  // namespace
}  // namespace nextbest::test
