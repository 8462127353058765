#include <gmock/gmock.h>

#include "host/ingest/time_zone.hpp"
#include "host/ingest/values.hpp"
#include "kernels/core/error.hpp"
#include "tests/host/ingest_testing.hpp"

namespace nextbest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Micros kMoment = 1'768'485'600'000'000;  // 2026-01-15 14:00:00 UTC
constexpr Micros kHour = 3'600'000'000;

class IngestTimes : public IngestTest {
 protected:
  std::vector<Micros> times_of(const std::shared_ptr<arrow::Array>& array, const std::string& zone = "UTC") {
    Job job = job_of({write_parquet(
        "t.parquet",
        {{"order_id", make(arrow::int64(), "[1]")}, {"item_id", make(arrow::int64(), "[1]")}, {"ordered_at", array}})});
    job.time_zone = zone;
    return run(job).log.basket_time;
  }
  std::vector<Micros> times_of_text(const std::string& text, const std::string& zone = "UTC") {
    Job job = job_of({write("t.csv", "order_id,item_id,ordered_at\n1,1," + text + "\n")});
    job.time_zone = zone;
    return run(job).log.basket_time;
  }
};

TEST_F(IngestTimes, EveryUnitOfTimestamps) {
  using arrow::TimeUnit;
  EXPECT_THAT(times_of(make(arrow::timestamp(TimeUnit::SECOND), "[1768485600]")), ElementsAre(kMoment));
  EXPECT_THAT(times_of(make(arrow::timestamp(TimeUnit::MILLI), "[1768485600123]")), ElementsAre(kMoment + 123'000));
  EXPECT_THAT(times_of(make(arrow::timestamp(TimeUnit::MICRO), "[1768485600123456]")), ElementsAre(kMoment + 123'456));
  EXPECT_THAT(times_of(make(arrow::timestamp(TimeUnit::NANO), "[1768485600123456789]")),
              ElementsAre(kMoment + 123'456));
  EXPECT_THAT(times_of(make(arrow::timestamp(TimeUnit::NANO), "[-1]")), ElementsAre(-1));
  EXPECT_THAT(times_of(make(arrow::date32(), "[20468]")), ElementsAre(kMoment - 14 * kHour));
  EXPECT_THAT(times_of(make(arrow::date64(), "[1768435200000]")), ElementsAre(kMoment - 14 * kHour));
}

TEST_F(IngestTimes, EpochNumbersByMagnitude) {
  EXPECT_THAT(times_of(make(arrow::int64(), "[1768485600]")), ElementsAre(kMoment));
  EXPECT_THAT(times_of(make(arrow::int32(), "[1768485600]")), ElementsAre(kMoment));
  EXPECT_THAT(times_of(make(arrow::int64(), "[1768485600000]")), ElementsAre(kMoment));
  EXPECT_THAT(times_of(make(arrow::int64(), "[1768485600000000]")), ElementsAre(kMoment));
  EXPECT_THAT(times_of(make(arrow::int64(), "[1768485600000000000]")), ElementsAre(kMoment));
  EXPECT_THAT(times_of(make(arrow::float64(), "[1768485600.5]")), ElementsAre(kMoment + 500'000));
  EXPECT_THAT(times_of(make(arrow::int64(), "[20260115]")), ElementsAre(kMoment - 14 * kHour));
}

TEST_F(IngestTimes, WallClockTimesAreOfTheJobsZone) {
  const std::string zone = "America/New_York";  // UTC-5 in winter
  using arrow::TimeUnit;
  EXPECT_THAT(times_of(make(arrow::timestamp(TimeUnit::SECOND), "[1768485600]"), zone),
              ElementsAre(kMoment + 5 * kHour));
  EXPECT_THAT(times_of(make(arrow::timestamp(TimeUnit::SECOND, "UTC"), "[1768485600]"), zone), ElementsAre(kMoment));
  EXPECT_THAT(times_of(make(arrow::timestamp(TimeUnit::SECOND, "Asia/Tokyo"), "[1768485600]"), zone),
              ElementsAre(kMoment));
  EXPECT_THAT(times_of(make(arrow::int64(), "[1768485600]"), zone), ElementsAre(kMoment));
  EXPECT_THAT(times_of(make(arrow::date32(), "[20468]"), zone), ElementsAre(kMoment - 9 * kHour));
  EXPECT_THAT(times_of_text("2026-01-15 14:00:00", zone), ElementsAre(kMoment + 5 * kHour));
  EXPECT_THAT(times_of_text("2026-01-15T14:00:00Z", zone), ElementsAre(kMoment));
  EXPECT_THAT(times_of_text("2026-01-15T14:00:00+02:00", zone), ElementsAre(kMoment - 2 * kHour));
  EXPECT_THAT(times_of_text("1768485600", zone), ElementsAre(kMoment));
}

TEST_F(IngestTimes, TextsOfMoments) {
  for (const char* text :
       {"2026-01-15 14:00:00", "2026-01-15T14:00:00", "2026-01-15 14:00", "2026-01-15 14:00:00.000",
        "2026-01-15T14:00:00.000000000", "2026-01-15T14:00:00Z", "2026-01-15 14:00:00 UTC", "2026/01/15 14:00",
        "2026-01-15 15:30:00+01:30", "2026-01-15 13:00-01", " 2026-01-15 14:00 ", "1768485600000"}) {
    EXPECT_THAT(times_of_text(text), ElementsAre(kMoment)) << text;
  }
  EXPECT_THAT(times_of_text("2026-01-15"), ElementsAre(kMoment - 14 * kHour));
  EXPECT_THAT(times_of_text("20260115"), ElementsAre(kMoment - 14 * kHour));
  EXPECT_THAT(times_of_text("2026-01-15 14:00:00.123456789"), ElementsAre(kMoment + 123'456));
  for (const char* text :
       {"15.01.2026", "1/15/2026 14:00", "2026-13-01", "2026-02-30", "soon", "2026-01-15 25:00", "2026-01", "1e400"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST_F(IngestTimes, ClockChangesAndDays) {
  // Berlin: 2026-03-29 02:30 does not exist, 2026-10-25 02:30 happens twice.
  std::vector<Micros> times = {1'774'751'400'000'000, 1'792'895'400'000'000, kNoTime};
  local_to_utc(times, "Europe/Berlin");
  EXPECT_THAT(times, ElementsAre(1'774'746'000'000'000, 1'792'895'400'000'000 - 2 * kHour, kNoTime));
  utc_to_local(times, "Europe/Berlin");
  EXPECT_EQ(times[1], 1'792'895'400'000'000);
  EXPECT_EQ(times[2], kNoTime);
  EXPECT_EQ(day_of(-1), -1);
  EXPECT_EQ(day_of(-kMicrosPerDay), -1);
  EXPECT_EQ(day_of(kMicrosPerDay - 1), 0);
}

TEST_F(IngestTimes, UnknownZone) {
  Job job = job_of({write("t.csv", "order_id,item_id\n1,1\n")});
  job.time_zone = "Mars/Olympus";
  EXPECT_THAT(refusal<UsageError>(job), HasSubstr("Mars/Olympus"));
}

TEST_F(IngestTimes, AsOfEndsTheData) {
  Job job = job_of({write(
      "t.csv", "order_id,item_id,ordered_at\n1,a,2026-01-30 10:00\n2,b,2026-01-31 23:00\n3,c,2026-02-01 00:00\n")});
  EXPECT_EQ(run(job).log.as_of, 1'769'904'000'000'000);
  EXPECT_EQ(run(job).log.first_time, 1'769'767'200'000'000);
  job.as_of = "2026-01-31";
  const IngestResult day = run(job);
  EXPECT_EQ(text_of(day.log), "1/a | 2/b");
  EXPECT_EQ(day.log.as_of, 1'769'904'000'000'000 - 1);
  EXPECT_EQ(finding(day.quality, "after_as_of").lines, 1);
  job.as_of = "2026-01-30T10:00:00Z";
  EXPECT_EQ(text_of(run(job).log), "1/a");
  job.as_of = "whenever";
  EXPECT_THAT(refusal<UsageError>(job), HasSubstr("whenever"));
}

}  // namespace
}  // namespace nextbest
