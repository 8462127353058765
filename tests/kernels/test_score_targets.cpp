#include <gtest/gtest.h>
#include <hwy/highway.h>

#include "tests/kernels/score_cases.hpp"

namespace nextbest::test {
namespace {

// Lets the run-time choice of the instruction set fall on one target; the destructor gives the choice back.
class OnlyTarget {
 public:
  explicit OnlyTarget(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().DeInit();
  }
  ~OnlyTarget() {
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().DeInit();
  }
};

TEST(ScoreTopKTargets, EveryInstructionSetOfThisMachineGivesTheSameBits) {
  reference::ScoreCase c = score_case(61, 13, 150, 100);
  add_filter(c, 62);
  const auto expected = reference::score_top_k(c, 20);
  int targets = 0;
  for (std::int64_t left = hwy::SupportedTargets(); left != 0; left &= left - 1) {
    const std::int64_t target = left & -left;
    SCOPED_TRACE(hwy::TargetName(target));
    const OnlyTarget only(target);
    ScoreBuffers buffers(c, 20);
    Context ctx;
    score_top_k(ctx, buffers.users, buffers.items, c.popularity, buffers.filter, buffers.out);
    // The bit of the chosen target is the only one left beside the marker of the table's first entry.
    EXPECT_NE(hwy::GetChosenTarget().GetIndex(), 0u) << "nothing was chosen at run time";
    expect_equal_lists(buffers.lists(), expected);
    ++targets;
  }
  EXPECT_GE(targets, 1);
}

}  // namespace
}  // namespace nextbest::test
