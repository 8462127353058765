#include <vector>

#include <gtest/gtest.h>

#include "kernels/core/nearest.hpp"

namespace nextbest {
namespace {

const std::vector<std::string> kNames = {"order_id", "customer_id", "item_id", "ordered_at"};

TEST(Nearest, FewestEdits) {
  EXPECT_EQ(nearest("orderid", kNames), "order_id");
  EXPECT_EQ(nearest("ITEM_ID", kNames), "item_id");
  EXPECT_EQ(nearest("x", kNames), "item_id");                              // as far as can be, and still the nearest
  EXPECT_EQ(nearest("ab", std::vector<std::string>{"ba", "abcd"}), "ba");  // a swap is one edit
  EXPECT_EQ(nearest("a", std::vector<std::string>{}), "");
}

TEST(Nearest, AsksOnlyWhenNear) {
  EXPECT_EQ(did_you_mean("custmer_id", kNames), ", did you mean \"customer_id\"?");
  EXPECT_EQ(did_you_mean("price", kNames), "");
  EXPECT_EQ(did_you_mean("price", std::vector<std::string>{}), "");
}

TEST(Nearest, ListsUpToALimit) {
  EXPECT_EQ(quoted_list(kNames, 2), "\"order_id\", \"customer_id\", and 2 more");
  EXPECT_EQ(quoted_list(std::vector<std::string>{"a"}), "\"a\"");
}

}  // namespace
}  // namespace nextbest
