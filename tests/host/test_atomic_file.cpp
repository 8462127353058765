#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/store/atomic_file.hpp"
#include "kernels/core/error.hpp"
#include "tests/host/sample_log.hpp"

namespace nextbest {
namespace {

namespace fs = std::filesystem;
using testing_support::read_text;

class AtomicFileTest : public testing::Test {
 protected:
  std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator());
  }

  testing_support::TempFolder folder_;
};

TEST_F(AtomicFileTest, ReplacesTheWholeFileAndLeavesNothingElse) {
  replace_file(folder_ / "a.json", "a long first content");
  replace_file(folder_ / "a.json", "second");
  EXPECT_EQ(read_text(folder_ / "a.json"), "second");
  EXPECT_EQ(files(), 1);
}

TEST_F(AtomicFileTest, WithoutCommitTheOldFileStays) {
  replace_file(folder_ / "a", "old");
  {
    const AtomicFile file(folder_ / "a");
    std::ofstream(file.temporary()) << "half";
  }
  EXPECT_EQ(read_text(folder_ / "a"), "old");
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
  EXPECT_EQ(remove_leftovers(folder_.path()), 1);
  EXPECT_EQ(files(), 2);
  EXPECT_EQ(remove_leftovers(folder_ / "missing"), 0);
}

TEST_F(AtomicFileTest, MakesTheFoldersOnTheWay) {
  replace_file(folder_ / "x" / "y" / "a", "deep");
  EXPECT_EQ(read_text(folder_ / "x" / "y" / "a"), "deep");
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
