#include <gtest/gtest.h>

#include "tests/support/backends.hpp"

namespace nextbest::test {
namespace {

TEST(Backends, TheRequiredOneIsHere) {
  const std::string required = required_backend();
  if (required.empty()) return;
  ASSERT_TRUE(required == "cpu" || required == "cuda") << "NEXTBEST_REQUIRE_BACKEND=" << required;
  EXPECT_TRUE(backend_works(required == "cpu" ? Device::kCpu : Device::kCuda));
}

TEST(Backends, CudaThatWasNotBuiltSaysSo) {
  if (backend_works(Device::kCuda)) return;
  Context ctx{Device::kCuda, 1, {}, {}};
  Csr<float> in, out;
  try {
    transpose(ctx, in.view(), out);
    FAIL() << "ran without CUDA";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), ExitCode::kDevice);
  }
}

}  // namespace
}  // namespace nextbest::test
