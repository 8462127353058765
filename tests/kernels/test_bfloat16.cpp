#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "kernels/core/bfloat16.hpp"

namespace nextbest::test {
namespace {

TEST(BFloat16, KeepsWhatHasSixteenBits) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const std::uint32_t wide = bits << 16;
    float value;
    std::memcpy(&value, &wide, sizeof value);
    if (std::isnan(value))
      ASSERT_TRUE(std::isnan(static_cast<float>(BFloat16(value)))) << bits;
    else
      ASSERT_EQ(BFloat16(value).bits(), bits);
  }
}

TEST(BFloat16, RoundsToNearestAndTiesToEven) {
  const auto rounded = [](float x) { return static_cast<float>(BFloat16(x)); };
  EXPECT_EQ(rounded(1 + 0x1p-8F), 1.0F);             // between 1 and 1 + 2^-7: the even one
  EXPECT_EQ(rounded(1 + 3 * 0x1p-8F), 1 + 0x1p-6F);  // the even one is above
  EXPECT_EQ(rounded(1 + 0x1p-8F + 0x1p-23F), 1 + 0x1p-7F);
  EXPECT_EQ(rounded(-1 - 0x1p-8F - 0x1p-23F), -1 - 0x1p-7F);
  EXPECT_EQ(rounded(2 - 0x1p-23F), 2.0F);  // carries into the exponent
  EXPECT_EQ(rounded(std::numeric_limits<float>::max()), std::numeric_limits<float>::infinity());
  for (float x = 1; x < 2; x += 0x1.2p-13F) ASSERT_LE(std::abs(rounded(x) - x), 0x1p-8F) << x;
}

TEST(BFloat16, StaysNotANumber) {
  std::uint32_t all_low = 0x7F80'0001;  // a NaN whose upper half alone would be infinite
  float value;
  std::memcpy(&value, &all_low, sizeof value);
  EXPECT_TRUE(std::isnan(static_cast<float>(BFloat16(value))));
}

}  // namespace
}  // namespace nextbest::test
