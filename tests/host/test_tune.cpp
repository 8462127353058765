#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "host/job/job.hpp"
#include "host/tune/trial_log.hpp"
#include "host/tune/tune_job.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

TrialRecord trial(const std::string& source, double gain) {
  TunedField field;
  field.name = "half_life_days";
  field.value = 0.1 + gain;
  return {source, "first look", {field}, 0.3, gain, gain / 2, 1.0 / 3, false, 1};
}

TEST(TrialLog, RemembersAndForgets) {
  const fs::path path = fs::path(testing::TempDir()) / "nextbest_trials" / "trials.jsonl";
  fs::remove_all(path.parent_path());
  {
    TrialLog log(path, "key");
    EXPECT_EQ(log.recall(0), nullptr);
    for (int i = 0; i < 3; ++i) log.record(i, trial("habit", i / 7.0));
  }
  {
    TrialLog log(path, "key");
    ASSERT_EQ(log.size(), 3u);
    EXPECT_EQ(log.recall(2)->gain, 2 / 7.0);
    EXPECT_EQ(log.recall(2)->least_gain, 1 / 7.0);
    EXPECT_EQ(log.recall(2)->noise, 1.0 / 3);
    EXPECT_EQ(log.recall(2)->fields[0].value, 0.1 + 2 / 7.0);
    log.record(1, trial("together", 9));
  }
  std::ofstream(path, std::ios::app) << R"({"source": "habit", "gain": )"
                                     << "\n"
                                     << "{}\n";
  TrialLog damaged(path, "key");
  ASSERT_EQ(damaged.size(), 2u) << "what stands behind a change or a damaged line is gone";
  EXPECT_EQ(damaged.recall(1)->source, "together");
  EXPECT_EQ(TrialLog(path, "other data").size(), 0u);
  fs::remove_all(path.parent_path());
}

TEST(TuneJob, DurationsAreReadOrRefused) {
  EXPECT_EQ(parse_duration("600", "b"), 600);
  EXPECT_EQ(parse_duration("90s", "b"), 90);
  EXPECT_EQ(parse_duration("10m", "b"), 600);
  EXPECT_EQ(parse_duration("1.5h", "b"), 5400);
  for (const char* text : {"", "m", "-1m", "0", "10 parsecs", "nan", "1e999"})
    EXPECT_THROW(parse_duration(text, "b"), UsageError) << text;
}

TEST(TuneJob, WritesOnlyWhatChangedAndTheJobReadsIt) {
  TuneResult found;
  found.fields = {{"habit", "half_life_days", "120.0", "60.0", 0},
                  {"popularity", "recent_days", "30.0", "30.0", 0},
                  {"ials", "factors", "128", "256", 0},
                  {"ials", "confidence", "\"log\"", "\"one\"", 0}};
  const std::string text = tuned_toml(found, "abc");
  EXPECT_THAT(text, testing::Not(HasSubstr("recent_days")));
  const fs::path dir = fs::path(testing::TempDir()) / "nextbest_tuned_file";
  fs::create_directories(dir);
  std::ofstream(dir / "weekly.toml") << "[input.orders]\npath = \"orders.csv\"\n";
  std::ofstream(dir / "weekly.tuned.toml") << text;
  const Job job = read_job((dir / "weekly.toml").string());
  EXPECT_EQ(job.recommend.params.habit.half_life_days, 60);
  EXPECT_EQ(job.embeddings.factors, 256);
  EXPECT_EQ(job.embeddings.confidence, Confidence::kOne);
  EXPECT_EQ(job.tuned_fingerprint, "abc");
  EXPECT_EQ(read_job((dir / "weekly.toml").string(), {}, TunedFile::kIgnore).embeddings.factors, 128);
  fs::remove_all(dir);
}

}  // namespace
}  // namespace nextbest
