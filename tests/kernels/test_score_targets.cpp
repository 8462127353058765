#include <set>

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include "tests/kernels/score_cases.hpp"
#include "tests/support/only_target.hpp"

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

}  // namespace
}  // namespace nextbest::test
