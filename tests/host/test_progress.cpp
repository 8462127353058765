#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "host/job/memory_size.hpp"
#include "host/job/progress.hpp"
#include "host/job/run_reporter.hpp"
#include "host/job/time_text.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(Progress, RateAndRemainingTimeOfOnePieceOfWork) {
  Progress progress;
  const Progress::Clock::time_point start{};
  progress.update(0, 1000, "lines", start);
  EXPECT_EQ(progress.rate(), 0);
  EXPECT_LT(progress.remaining_seconds(), 0);
  progress.update(250, 1000, "lines", start + 5s);
  EXPECT_DOUBLE_EQ(progress.rate(), 50);
  EXPECT_DOUBLE_EQ(progress.remaining_seconds(), 15);
  EXPECT_THAT(progress.bar("ingest"), HasSubstr("ingest    [======                  ]  25 %  50 lines/s  15.0 s left"));
  progress.update(10, 40, "items", start + 6s);
  EXPECT_EQ(progress.rate(), 0);
  progress.update(1500, 0, "rows", start + 7s);
  EXPECT_THAT(progress.bar("x"), HasSubstr("1.50 k rows"));
}

TEST(Progress, NumbersAsPeopleReadThem) {
  EXPECT_EQ(short_number(999), "999");
  EXPECT_EQ(short_number(1234), "1.23 k");
  EXPECT_EQ(short_number(45'600'000), "45.6 M");
  EXPECT_EQ(short_seconds(0.4), "0.40 s");
  EXPECT_EQ(short_seconds(187), "3:07");
  EXPECT_EQ(short_seconds(3723), "1:02:03");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_bytes(0), "0 B");
}

TEST(MemorySize, UnitsAndShares) {
  EXPECT_EQ(parse_memory_size("64GiB", 0, "k"), std::int64_t{64} << 30);
  EXPECT_EQ(parse_memory_size("1.5 kB", 0, "k"), 1500);
  EXPECT_EQ(parse_memory_size("50%", 4000, "k"), 2000);
  for (const char* text : {"", "GiB", "0", "-1GiB", "120%", "5 parsec", "1e5"})
    EXPECT_THROW(parse_memory_size(text, 100, "k"), UsageError) << text;
}

TEST(TimeText, DaysAndSeconds) {
  EXPECT_EQ(time_text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(time_text(-1), "1969-12-31T23:59:59Z");
  EXPECT_EQ(time_text(1'709'210'096'000'000), "2024-02-29T12:34:56Z");
  EXPECT_TRUE(time_text(kNoTime).is_null());
  EXPECT_EQ(day_text(kNoTime), "");
}

class ReporterTest : public testing::Test {
 protected:
  void SetUp() override { out_ = std::tmpfile(); }
  void TearDown() override { std::fclose(out_); }
  std::string said() {
    std::rewind(out_);
    std::string text(10'000, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), out_));
    return text;
  }
  std::FILE* out_ = nullptr;
};

TEST_F(ReporterTest, JsonLinesWhereNobodyWatches) {
  RunReporter reporter(out_, false);
  reporter.set_run_id("r1");
  reporter.set_stage("ingest");
  reporter.warning("odd", "something \xff odd", {{"lines", 3}});
  const nlohmann::json line = nlohmann::json::parse(said());
  EXPECT_EQ(line.at("level"), "warning");
  EXPECT_EQ(line.at("run_id"), "r1");
  EXPECT_EQ(line.at("stage"), "ingest");
  EXPECT_EQ(line.at("event"), "odd");
  EXPECT_EQ(line.at("fields").at("lines"), 3);
  EXPECT_EQ(line.at("ts").get<std::string>().size(), 24u);
}

TEST_F(ReporterTest, BarAndPlainLinesOnATerminal) {
  {
    RunReporter reporter(out_, true);
    reporter.set_stage("pairs");
    reporter.progress(0, 10, "items");
    reporter.info("stage_finished", "1.2 s", {});
    reporter.info("detail", "not shown", {});
    reporter.warning("odd", "look here", {});
    reporter.error("failed", "told by main", {});
  }
  const std::string text = said();
  EXPECT_THAT(text, HasSubstr("pairs     ["));
  EXPECT_THAT(text, HasSubstr("pairs     1.2 s\n"));
  EXPECT_THAT(text, HasSubstr("warning: look here"));
  EXPECT_THAT(text, testing::Not(HasSubstr("not shown")));
  EXPECT_THAT(text, testing::Not(HasSubstr("told by main")));
}

}  // namespace
}  // namespace nextbest
