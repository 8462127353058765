#include <gmock/gmock.h>

#include "models/blend/blend.hpp"

namespace nextbest::test {
namespace {

using testing::ElementsAre;

std::vector<float> normalised(std::vector<float> score, Offset length) {
  normalise(score, length);
  return score;
}

TEST(Normalise, ShareOfTheBestScore) {
  EXPECT_THAT(normalised({8, 4, 2}, 3), ElementsAre(1, 0.5f, 0.25f));
  EXPECT_THAT(normalised({8, 4, 0}, 2), ElementsAre(1, 0.5f, 0)) << "closed places stay as they are";
  EXPECT_THAT(normalised({2, 0, -2}, 3), ElementsAre(1, 0, 0));
  EXPECT_THAT(normalised({-1, -2}, 2), ElementsAre(1, 1)) << "nothing to tell apart by";
  EXPECT_THAT(normalised({0, 0}, 2), ElementsAre(1, 1));
  EXPECT_THAT(normalised({0, 0}, 0), ElementsAre(0, 0));
}

struct TwoLists {
  std::vector<Code> first_item{7, 3, kNoCode, 5, kNoCode, kNoCode};
  std::vector<Code> second_item{3, 9, kNoCode, kNoCode, kNoCode, kNoCode};
  std::vector<float> first_score{4, 1, 0, 2, 0, 0}, second_score{10, 5, 0, 0, 0, 0};
  CandidatePool merged(int threads) {
    const std::vector<TopKLists> lists{{{first_item.data(), 2, 3}, {first_score.data(), 2, 3}},
                                       {{second_item.data(), 2, 3}, {second_score.data(), 2, 3}}};
    Context ctx{Device::kCpu, threads, {}, {}};
    return merge_lists(ctx, lists);
  }
};

TEST(MergeLists, UnionByItemWithAScorePerSource) {
  for (const int threads : {1, 3}) {
    const CandidatePool pool = TwoLists().merged(threads);
    EXPECT_THAT(pool.offset, ElementsAre(0, 3, 4));
    EXPECT_THAT(pool.item, ElementsAre(3, 7, 9, 5));
    EXPECT_THAT(pool.score, ElementsAre(0.25f, 1, 1, 0, 0, 0.5f, 1, 0));
  }
}

TEST(LeadingSource, LargestShareThenLargestScore) {
  const std::vector<float> weights{1, 0.5f, 0};
  EXPECT_EQ(leading_source(std::vector<float>{0.4f, 0.6f, 1}, weights), 0u);
  EXPECT_EQ(leading_source(std::vector<float>{0.2f, 0.6f, 1}, weights), 1u);
  EXPECT_EQ(leading_source(std::vector<float>{0, 0, 0.5f}, weights), 2u) << "a filler of weight 0 is named";
}

std::vector<ScoredCandidate> by_weights(const CandidatePool& pool, const std::vector<float>& weights) {
  std::vector<ScoredCandidate> scored;
  for (Offset at = pool.offset[0]; at < pool.offset[1]; ++at)
    scored.push_back({at, blend_score(pool.scores(at), weights)});
  return scored;
}

TEST(BlendRow, WeightedSumUnderTheOneOrder) {
  const CandidatePool pool = TwoLists().merged(1);
  const std::vector<std::int64_t> popularity{0, 0, 0, 1, 0, 2, 0, 3, 0, 4};
  std::vector<Code> item(3);
  std::vector<float> score(3);
  std::vector<std::uint8_t> source(3, 9);
  const TopKLists out{{item.data(), 1, 3}, {score.data(), 1, 3}};
  // Items 3, 7, 9 score .25 + .75, 1, .375: 3 and 7 tie, 7 is more popular.
  blend_row(pool, 0, std::vector<float>{1, 0.75f}, by_weights(pool, {1, 0.75f}), popularity, {}, out, source);
  EXPECT_THAT(item, ElementsAre(7, 3, 9));
  EXPECT_THAT(score, ElementsAre(1, 1, 0.375f));
  EXPECT_THAT(source, ElementsAre(0, 1, 1));
}

TEST(BlendRow, PinsThatNoSourceOffers) {
  const CandidatePool pool = TwoLists().merged(1);
  const std::vector<std::int64_t> popularity(10, 0);
  const Csr<float> pinned{10, {0, 2}, {0, 9}, {}};
  std::vector<Code> item(3);
  std::vector<float> score(3);
  std::vector<std::uint8_t> source(3, 9);
  const TopKLists out{{item.data(), 1, 3}, {score.data(), 1, 3}};
  blend_row(pool, 0, std::vector<float>{1, 0.5f}, by_weights(pool, {1, 0.5f}), popularity, {{}, {}, pinned.view(), {}},
            out, source);
  EXPECT_THAT(item, ElementsAre(0, 9, 7));
  EXPECT_THAT(score, ElementsAre(0, 0.25f, 1));
  EXPECT_THAT(source, ElementsAre(1, 1, 0));
}

}  // namespace
}  // namespace nextbest::test
