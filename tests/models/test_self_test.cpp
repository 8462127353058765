#include <gtest/gtest.h>

#include "models/self_test/self_test.hpp"
#include "tests/support/backends.hpp"

namespace nextbest::test {
namespace {

using SelfTest = OverBackends;
INSTANTIATE_TEST_SUITE_P(All, SelfTest, testing::ValuesIn(backends()), BackendName());

TEST_P(SelfTest, FindsNothing) {
  EXPECT_EQ(self_test(GetParam()), "");
}

}  // namespace
}  // namespace nextbest::test
