#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/job/lock.hpp"
#include "host/job/publication.hpp"
#include "host/job/stage_runner.hpp"
#include "host/store/atomic_file.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

namespace fs = std::filesystem;

class StageRunnerTest : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = fs::path(testing::TempDir()) / ("nextbest_stages_" + std::to_string(::getpid()));
    fs::remove_all(dir_);
    log_ = std::tmpfile();
  }
  void TearDown() override {
    std::fclose(log_);
    fs::remove_all(dir_);
  }

  /// A stage that writes a file and counts how often it ran.
  Stage counting(const std::string& name, const std::string& settings, std::vector<std::string> needs = {}) {
    return {name,
            std::move(needs),
            {},
            settings,
            {name},
            [this, name] {
              ++runs_[name];
              make_directories(dir_ / "work" / name);
              replace_file(dir_ / "work" / name / "part", "content of " + name);
              return StageOutcome{{{name + "/part", 0, 7, ""}}, {{"note", name}}};
            },
            {}};
  }
  /// One program run over two stages.
  void run_once(const std::string& first_settings, const std::string& second_settings, bool keep = true) {
    RunReporter reporter(log_, false);
    StageRunner runner(dir_ / "work", reporter, keep);
    runner.add(counting("first", first_settings));
    runner.add(counting("second", second_settings, {"first"}));
    runner.bring("second");
    EXPECT_EQ(runner.record("first").files.at(0).file.rows, 7);
    EXPECT_EQ(runner.record("first").files.at(0).file.sha256.size(), 64u);
    EXPECT_TRUE(runner.stands("second") || !keep);
  }
  std::string logged() {
    std::rewind(log_);
    std::string text(100'000, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), log_));
    return text;
  }

  fs::path dir_;
  std::FILE* log_ = nullptr;
  std::map<std::string, int> runs_;
};

TEST_F(StageRunnerTest, KeepsWhatHasNotChanged) {
  run_once("a", "b");
  run_once("a", "b");
  EXPECT_EQ(runs_["first"], 1);
  EXPECT_EQ(runs_["second"], 1);
  run_once("a", "c");
  EXPECT_EQ(runs_["first"], 1);
  EXPECT_EQ(runs_["second"], 2);
  run_once("d", "c");  // what is needed has changed
  EXPECT_EQ(runs_["first"], 2);
  EXPECT_EQ(runs_["second"], 3);
  run_once("d", "c", false);
  EXPECT_EQ(runs_["first"], 3);
}

TEST_F(StageRunnerTest, RebuildsDamagedFilesAndSaysSo) {
  run_once("a", "b");
  std::ofstream(dir_ / "work" / "first" / "part", std::ios::app) << "!";
  run_once("a", "b");
  EXPECT_EQ(runs_["first"], 2);
  EXPECT_EQ(runs_["second"], 1);
  EXPECT_THAT(logged(), testing::HasSubstr("first/part is missing or damaged"));

  std::ofstream(dir_ / "work" / "second" / "part") << "content of secona";  // same size
  run_once("a", "b");
  EXPECT_EQ(runs_["second"], 2);
  fs::remove(dir_ / "work" / "second" / "part");
  run_once("a", "b");
  EXPECT_EQ(runs_["second"], 3);
}

TEST_F(StageRunnerTest, TouchedFilesAreKept) {
  run_once("a", "b");
  fs::last_write_time(dir_ / "work" / "first" / "part", fs::file_time_type::clock::now() + std::chrono::hours(1));
  run_once("a", "b");
  EXPECT_EQ(runs_["first"], 1);
}

TEST_F(StageRunnerTest, DamagedStateStartsAnew) {
  run_once("a", "b");
  std::ofstream(dir_ / "work" / "state.json") << "{\"state_version\": 1, \"sta";
  run_once("a", "b");
  EXPECT_EQ(runs_["first"], 2);
  EXPECT_THAT(logged(), testing::HasSubstr("state.json is damaged"));
}

TEST_F(StageRunnerTest, FailedStageLeavesTheOthers) {
  RunReporter reporter(log_, false);
  StageRunner runner(dir_ / "work", reporter, true);
  runner.add(counting("first", "a"));
  runner.add({"second", {"first"}, {}, "b", {"second"}, []() -> StageOutcome { throw DataError("no"); }, {}});
  EXPECT_THROW(runner.bring("second"), DataError);
  EXPECT_TRUE(runner.stands("first"));
  EXPECT_FALSE(runner.stands("second"));
}

TEST_F(StageRunnerTest, RestampsUnderANewRun) {
  int restamps = 0;
  const auto once = [&](const std::string& run_id) {
    RunReporter reporter(log_, false);
    StageRunner runner(dir_ / "work", reporter, true);
    Stage stage = counting("first", "a");
    stage.restamp = [&] {
      ++restamps;
      replace_file(dir_ / "work" / "first" / "part", "new");
      return std::vector<WrittenFile>{{"first/part", 0, 7, ""}};
    };
    runner.add(stage);
    runner.state().run_id = run_id;
    runner.bring("first");
    EXPECT_EQ(runner.record("first").run_id, run_id);
  };
  once("run1");
  once("run1");
  EXPECT_EQ(restamps, 0);
  once("run2");
  EXPECT_EQ(restamps, 1);
  once("run2");
  EXPECT_EQ(restamps, 1);
  EXPECT_EQ(runs_["first"], 1);
}

TEST_F(StageRunnerTest, PublicationReplacesLatestAndPrunes) {
  make_directories(dir_ / "work");
  replace_file(dir_ / "work" / "a.txt", "hello");
  EXPECT_FALSE(manifest_of(dir_ / "latest").has_value());
  std::string last;
  for (int i = 0; i < kKeptRuns + 2; ++i) {
    last = "run" + std::to_string(i);
    make_directories(dir_ / "runs" / ".building-killed");
    RunFolder run(dir_, last);
    EXPECT_FALSE(fs::exists(dir_ / "runs" / ".building-killed"));
    run.take(dir_ / "work", {"a.txt", 5, 1, "x"});
    run.write("c.txt", "text");
    run.finish({{"run_id", last}, {"outputs", run.outputs()}});
    publish(dir_, last);
    EXPECT_EQ(manifest_of(dir_ / "latest")->at("run_id"), last);
  }
  EXPECT_TRUE(fs::is_symlink(dir_ / "latest"));
  EXPECT_EQ(fs::read_symlink(dir_ / "latest"), fs::path("runs") / last);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_ / "runs"), {}), kKeptRuns);
  EXPECT_FALSE(fs::exists(dir_ / "runs" / "run0"));
  EXPECT_TRUE(run_is_whole(dir_ / "latest", *manifest_of(dir_ / "latest")));
  replace_file(dir_ / "work" / "a.txt", "damage in the work folder");
  EXPECT_EQ(read_file(dir_ / "latest" / "a.txt"), "hello");
  fs::resize_file(dir_ / "latest" / "a.txt", 2);
  EXPECT_FALSE(run_is_whole(dir_ / "latest", *manifest_of(dir_ / "latest")));
}

TEST_F(StageRunnerTest, PublishedFilesOutliveThoseOfTheWorkFolder) {
  make_directories(dir_ / "work");
  const std::string large(3 << 20, 'x');
  replace_file(dir_ / "work" / "large", large);
  replace_file(dir_ / "work" / "small", "x");
  RunFolder run(dir_, "run1");
  run.take(dir_ / "work", {"large", std::ssize(large), 1, "x"});
  run.take(dir_ / "work", {"small", 1, 1, "x"});
  run.finish({{"outputs", run.outputs()}});
  EXPECT_EQ(fs::hard_link_count(dir_ / "runs/run1/small"), 1U);
  EXPECT_LE(fs::hard_link_count(dir_ / "runs/run1/large"), 2U);  // 1 where the file system has no links
  replace_file(dir_ / "work" / "large", "new");
  EXPECT_EQ(read_file(dir_ / "runs/run1/large"), large);
  remove_tree(dir_ / "work");
  EXPECT_EQ(read_file(dir_ / "runs/run1/large"), large);
}

TEST_F(StageRunnerTest, SecondLockTriesAgain) {
  make_directories(dir_);
  {
    const FolderLock lock(dir_);
    try {
      const FolderLock second(dir_);
      FAIL() << "two locks on one folder";
    } catch (const TryAgain& error) {
      EXPECT_EQ(error.exit_code(), ExitCode::kTryAgain);
    }
  }
  EXPECT_NO_THROW(FolderLock{dir_});
}

}  // namespace
}  // namespace nextbest
