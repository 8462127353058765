#include <cmath>
#include <limits>
#include <random>
#include <set>

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include "kernels/cpu/screen.hpp"
#include "tests/kernels/score_cases.hpp"
#include "tests/support/only_target.hpp"
#include "tests/support/padded_matrix.hpp"

namespace nextbest::test {
namespace {

TEST(ScoreTopKTargets, EveryInstructionSetOfThisMachineGivesTheSameBits) {
  reference::ScoreCase c = score_case(61, 13, 2000, 101);
  add_filter(c, 62);
  const auto expected = reference::score_top_k(c, 20);
  std::set<std::size_t> chosen;  // places in the table of compiled versions
  for (const std::int64_t target : machine_targets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    const OnlyTarget only(target);
    ScoreBuffers buffers(c, 20);
    Context ctx;
    score_top_k(ctx, buffers.users, *index_items(ctx, buffers.items, c.popularity), buffers.filter, buffers.out);
    chosen.insert(hwy::GetChosenTarget().GetIndex());
    expect_equal_lists(buffers.lists(), expected);
  }
#if HWY_ARCH_X86
  EXPECT_GT(chosen.size(), 1u) << "the run-time choice always fell on the same version";
#else
  EXPECT_FALSE(chosen.empty());
#endif
}

// Users and items of sizes from 2^-70 to 2^60: what is said to be the least score is not above the score, and near it
// unless it is unknown.
TEST(ScoreTopKTargets, NoScoreLiesBelowItsBound) {
  const Offset items = 3 * cpu::kTileItems, dim = 37;
  PaddedMatrix<float> users(cpu::kGroupUsers, dim), factors(items, dim);
  users.fill_random(63);
  factors.fill_random(64);
  for (Offset u = 0; u < cpu::kGroupUsers; ++u)
    for (Offset c = 0; c < dim; ++c) users.view()(u, c) *= std::exp2(static_cast<float>(u * 19 - 70));
  Context ctx;
  const std::vector<std::int64_t> popularity(items, 1);
  const cpu::CpuItemIndex index(ctx, std::as_const(factors).view(), popularity);
  for (const std::int64_t target : machine_targets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    const OnlyTarget only(target);
    cpu::UserGroup group;
    group.quads = hwy::AllocateAligned<std::uint32_t>(index.steps * cpu::kGroupUsers);
    std::vector<std::uint32_t> quads(index.steps);
    for (Offset u = 0; u < cpu::kGroupUsers; ++u) {
      const cpu::ScreenedUser about = cpu::screen_user(users.view().row(u), dim, quads.data());
      group.norm[u] = about.norm, group.hat[u] = about.hat, group.error[u] = about.error;
      group.inverse_scale[u] = about.inverse_scale;
      for (Offset s = 0; s < index.steps; ++s) group.quads[s * cpu::kGroupUsers + u] = quads[s];
    }
    float least[cpu::kGroupUsers][cpu::kTileItems + 5];
    cpu::least_scores(group, index, 1, least[0], cpu::kTileItems + 5);
    for (Offset u = 0; u < cpu::kGroupUsers; ++u)
      for (Offset i = 0; i < cpu::kTileItems; ++i) {
        const float* rows[cpu::kScoreRows];
        float scores[cpu::kScoreRows];
        std::fill_n(rows, cpu::kScoreRows, factors.view().row(index.code[cpu::kTileItems + i]));
        cpu::score_rows(users.view().row(u), rows, dim, scores);
        ASSERT_LE(least[u][i], scores[0]) << "user " << u << ", item " << i;
        if (u == 0)
          ASSERT_EQ(least[u][i], -std::numeric_limits<float>::infinity());
        else
          ASSERT_GE(least[u][i], scores[0] - .05 * group.norm[u] * index.tiles[1].norm) << "user " << u;
      }
  }
}

TEST(ScoreTopKTargets, WhatSoManyNumbersReach) {
  std::mt19937_64 random(65);
  std::vector<float> x(96);
  for (float& number : x) number = static_cast<float>(static_cast<double>(random() >> 40) * 0x1p-23 - 1);
  x[3] = x[50] = -std::numeric_limits<float>::infinity();
  const auto reach = [&](float y) {
    return std::count_if(x.begin(), x.end(), [&](float number) { return number >= y; });
  };
  for (const std::int64_t target : machine_targets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    const OnlyTarget only(target);
    for (const int k : {1, 10, 93, 94}) {
      const float reached = cpu::reached_by(x.data(), 96, k, 1.5F);
      EXPECT_GE(reach(reached), k);
      EXPECT_LT(reach(reached + 3.001F / 1024), k);
    }
    EXPECT_EQ(cpu::reached_by(x.data(), 96, 95, 1.5F), -std::numeric_limits<float>::infinity());
  }
}

}  // namespace
}  // namespace nextbest::test
