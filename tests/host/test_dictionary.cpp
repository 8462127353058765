#include <limits>

#include <gtest/gtest.h>

#include "host/store/dictionary.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

TEST(Dictionary, OfStringsKeepsLeadingZerosAndSortsBytewise) {
  const Dictionary d = Dictionary::of_strings({"", "007", "10", "7", "\xc3\xa9"});
  EXPECT_EQ(d.type(), IdType::kString);
  EXPECT_EQ(d.size(), 5);
  EXPECT_EQ(d.string_at(0), "");
  EXPECT_EQ(d.text(1), "007");
  EXPECT_EQ(d.find("7"), 3);
  EXPECT_EQ(d.find("\xc3\xa9"), 4);
  EXPECT_EQ(d.find(""), 0);
  EXPECT_EQ(d.find("0"), std::nullopt);
  EXPECT_EQ(d.find("zz"), std::nullopt);
}

TEST(Dictionary, OfIntegersGoesByValue) {
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  const Dictionary d = Dictionary::of_int64({least, -1, 0, 9, 10});
  EXPECT_EQ(d.int64_at(0), least);
  EXPECT_EQ(d.text(1), "-1");
  EXPECT_EQ(d.find("10"), 4);
  EXPECT_EQ(d.find("11"), std::nullopt);
  EXPECT_EQ(d.find("9x"), std::nullopt);
  EXPECT_EQ(d.find(""), std::nullopt);
}

TEST(Dictionary, Uint64ReachesItsLargestValue) {
  constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  const Dictionary d = Dictionary::of_uint64({0, std::uint64_t{1} << 63, largest});
  EXPECT_EQ(d.type(), IdType::kUint64);
  EXPECT_EQ(d.uint64_at(2), largest);
  EXPECT_EQ(d.text(2), "18446744073709551615");
  EXPECT_EQ(d.find("9223372036854775808"), 1);
  EXPECT_EQ(d.find("-1"), std::nullopt);
}

TEST(Dictionary, RefusesIdsThatAreNotAscendingAndDistinct) {
  EXPECT_THROW(Dictionary::of_int64({2, 1}), InvalidArgument);
  EXPECT_THROW(Dictionary::of_uint64({1, 1}), InvalidArgument);
  EXPECT_THROW(Dictionary::of_strings({"b", "a"}), InvalidArgument);
  // Bytes compare unsigned: é follows z.
  EXPECT_NO_THROW(Dictionary::of_strings({"z", "\xc3\xa9"}));
}

TEST(Dictionary, EqualOnlyWithTheSameTypeAndIds) {
  EXPECT_EQ(Dictionary::of_int64({1, 2}), Dictionary::of_int64({1, 2}));
  EXPECT_NE(Dictionary::of_int64({1, 2}), Dictionary::of_uint64({1, 2}));
  EXPECT_NE(Dictionary::of_strings({"1", "2"}), Dictionary::of_strings({"12"}));
}

TEST(Dictionary, EmptyHasNothingToFind) {
  EXPECT_EQ(Dictionary().size(), 0);
  EXPECT_EQ(Dictionary().find("a"), std::nullopt);
}

}  // namespace
}  // namespace nextbest
