#pragma once

#include <cstdint>
#include <vector>

#include <hwy/targets.h>

namespace nextbest::test {

/// Lets the run-time choice of the instruction set fall on one target; the destructor gives the choice back.
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
  OnlyTarget(const OnlyTarget&) = delete;
  OnlyTarget& operator=(const OnlyTarget&) = delete;
};

/// The instruction sets of this machine.
inline std::vector<std::int64_t> machine_targets() {
  std::vector<std::int64_t> targets;
  for (std::int64_t left = hwy::SupportedTargets(); left != 0; left &= left - 1) targets.push_back(left & -left);
  return targets;
}

}  // namespace nextbest::test
