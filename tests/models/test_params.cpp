#include <limits>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "models/blend/params.hpp"
#include "models/ials/params.hpp"
#include "models/params/source_params.hpp"

namespace nextbest {
namespace {

using ::testing::HasSubstr;

TEST(Range, SaysWhatIsAllowed) {
  EXPECT_EQ(Range{}.text(), "must be 0 or above");
  EXPECT_EQ((Range{.least = 1}).text(), "must be at least 1");
  EXPECT_EQ((Range{.least = 0, .above = true}).text(), "must be above 0");
  EXPECT_EQ((Range{.least = 1, .most = 1024}).text(), "must be from 1 to 1024");
  EXPECT_EQ((Range{.least = 0, .most = 1, .above = true}).text(), "must be above 0 and at most 1");
  EXPECT_EQ((Range{.zero = "no decay"}).text(), "must be 0 (no decay) or above");
}

TEST(Range, HoldsItsEndsUnlessAbove) {
  const Range closed{.least = 1, .most = 2}, open{.least = 1, .most = 2, .above = true};
  EXPECT_TRUE(closed.holds(1) && closed.holds(2) && open.holds(2));
  EXPECT_FALSE(closed.holds(0.5) || closed.holds(2.5) || open.holds(1));
  EXPECT_FALSE(closed.holds(std::numeric_limits<double>::quiet_NaN()));
}

TEST(SourceParams, RefusalsNameTheKey) {
  RecommendParams params;
  params.params.habit.half_life_days = -1;
  try {
    params.validate();
    FAIL() << "accepted";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("recommend.habit.half_life_days: must be 0 (no decay) or above"));
  }
}

// Every default lies in its range, and whatever `tune` may choose is allowed; group names are sources, names unique.
class Audit : public ParamFields {
 public:
  void open(const char* group) override {
    groups_.push_back(group);
    names_.clear();
  }
  void close() override {}
  void number(const char* name, double& value, const Range& range, const Search& search) override {
    EXPECT_TRUE(names_.insert(name).second) << name;
    EXPECT_TRUE(range.holds(value)) << name;
    if (search.scale == Search::Scale::kNone) return;
    EXPECT_TRUE(range.holds(search.from) && range.holds(search.to)) << name;
    EXPECT_LT(search.from, search.to) << name;
    EXPECT_TRUE(search.scale != Search::Scale::kLog || search.from > 0) << name;
    EXPECT_TRUE(!search.zero || range.zero) << name << ": 0 is tried, so say what it means";
  }
  void whole(const char* name, int& value, const Range& range, const Search& search) override {
    double copy = value;
    number(name, copy, range, search);
  }
  void flag(const char* name, bool&) override { EXPECT_TRUE(names_.insert(name).second) << name; }
  void choice(const char* name, std::size_t& value, std::span<const std::string> names, bool) override {
    EXPECT_TRUE(names_.insert(name).second) << name;
    EXPECT_LT(value, names.size()) << name;
  }
  const std::vector<std::string>& groups() const { return groups_; }

 private:
  std::vector<std::string> groups_;
  std::set<std::string> names_;
};

TEST(SourceParams, DefaultsAndSearchesLieInTheirRanges) {
  Audit audit;
  SourceParams().visit(audit);
  for (const std::string& group : audit.groups())
    EXPECT_THAT(kSourceNames, ::testing::Contains(group)) << "a group bears the name of its source";
  Audit embeddings;
  IalsParams().visit(embeddings);
}

}  // namespace
}  // namespace nextbest
