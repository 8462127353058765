#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "host/store/atomic_file.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / (std::string("atomic_") + test->name() + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string content(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::ptrdiff_t files() const { return std::distance(fs::directory_iterator(folder_), fs::directory_iterator()); }

  fs::path folder_;
};

TEST_F(AtomicFileTest, ReplacesTheWholeFileAndLeavesNothingElse) {
  replace_file(folder_ / "a.json", "a long first content");
  replace_file(folder_ / "a.json", "second");
  EXPECT_EQ(content(folder_ / "a.json"), "second");
  EXPECT_EQ(files(), 1);
}

TEST_F(AtomicFileTest, WithoutCommitTheOldFileStays) {
  replace_file(folder_ / "a", "old");
  {
    const AtomicFile file(folder_ / "a");
    std::ofstream(file.temporary()) << "half";
  }
  EXPECT_EQ(content(folder_ / "a"), "old");
  EXPECT_EQ(files(), 1);
}

TEST_F(AtomicFileTest, LeftoversOfKilledRunsAreFoundAndRemoved) {
  fs::path left;
  {
    AtomicFile file(folder_ / "a");
    left = file.temporary();
  }
  std::ofstream(left) << "half";  // as a killed process leaves it
  std::ofstream(folder_ / ".hidden") << "the user's";
  std::ofstream(folder_ / "b.partial") << "the user's";
  EXPECT_EQ(remove_leftovers(folder_), 1);
  EXPECT_EQ(files(), 2);
  EXPECT_EQ(remove_leftovers(folder_ / "missing"), 0);
}

TEST_F(AtomicFileTest, MakesTheFoldersOnTheWay) {
  replace_file(folder_ / "x" / "y" / "a", "deep");
  EXPECT_EQ(content(folder_ / "x" / "y" / "a"), "deep");
}

TEST_F(AtomicFileTest, AFileInThePlaceOfAFolderIsNamed) {
  replace_file(folder_ / "x", "a file");
  try {
    replace_file(folder_ / "x" / "a", "content");
    FAIL() << "no error";
  } catch (const OutputError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("cannot write " + (folder_ / "x").string()));
    EXPECT_EQ(error.exit_code(), ExitCode::kOutput);
  }
}

TEST_F(AtomicFileTest, AFullDiskIsNamedAsTheCause) {
  try {
    throw_output_error("out/a", ENOSPC);
  } catch (const OutputError& error) {
    EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("out/a"), testing::HasSubstr("No space left")));
  }
}

}  // namespace
}  // namespace nextbest
