#include <csignal>
#include <limits>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "host/export/table.hpp"
#include "kernels/core/error.hpp"
#include "kernels/core/philox.hpp"
#include "tests/host/read_table.hpp"
#include "tests/host/sample_log.hpp"

namespace nextbest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::read_parquet;
using testing_support::read_text;
using testing_support::TempFolder;

const Dictionary& numbers() {
  static const Dictionary ids = Dictionary::of_uint64({7, std::uint64_t{1} << 63});
  return ids;
}
const Dictionary& names() {
  static const Dictionary ids = Dictionary::of_strings({"007", "a\"b,\n", "\xc3\xa9"});
  return ids;
}

/// Three rows in which every type and every null occurs.
Chunk sample_chunk() {
  return {{"number", IdColumn{&numbers(), {1, kNoCode, 0}}},
          {"name", IdColumn{&names(), {0, 1, 2}}},
          {"rank", std::vector<std::int32_t>{1, 2, 3}},
          {"count", std::vector<std::int64_t>{5, kNoTime, -1}},
          {"score", std::vector<float>{0.1F, -2, 1e-20F}},
          {"lift", std::vector<double>{0.1, 2, std::numeric_limits<double>::quiet_NaN()}},
          {"text", std::vector<std::string>{"", "x", "y"}},
          {"at", TimeColumn{{0, kNoTime, -1}}},
          {"factors", VectorColumn{2, {1, 2, 3, 4, 5, 6}}}};
}

std::vector<WrittenFile> write(const TempFolder& folder, TableFormat format) {
  const auto writer = make_table_writer(folder.path(), "export/table", format);
  writer->write(sample_chunk());
  return writer->finish();
}

TEST(TableWriter, ParquetKeepsTypesAndNulls) {
  const TempFolder folder;
  const std::vector<WrittenFile> files = write(folder, TableFormat::kParquet);
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].path, "export/table/part-00000.parquet");
  EXPECT_EQ(files[0].rows, 3);
  EXPECT_EQ(files[0].bytes, static_cast<std::int64_t>(std::filesystem::file_size(folder / files[0].path)));
  EXPECT_EQ(files[0].sha256.size(), 64U);
  const auto table = read_parquet(folder / files[0].path);
  EXPECT_THAT(table.names,
              ElementsAre("number: uint64", "name: string", "rank: int32", "count: int64", "score: float",
                          "lift: double", "text: string", "at: timestamp[us, tz=UTC]", HasSubstr("fixed_size_list<")));
  EXPECT_EQ(table.rows[0][0], "9223372036854775808");
  EXPECT_EQ(table.rows[1][0], "null");
  EXPECT_EQ(table.rows[0][1], "007");
  EXPECT_EQ(table.rows[1][3], "null");
  EXPECT_EQ(table.rows[0][6], "null");
  EXPECT_EQ(table.rows[1][7], "null");
  EXPECT_THAT(table.rows[2][8], HasSubstr("5"));
}

TEST(TableWriter, CsvIsQuotedAndSpreadsVectors) {
  const TempFolder folder;
  const std::vector<WrittenFile> files = write(folder, TableFormat::kCsv);
  EXPECT_EQ(files[0].path, "export/table/part-00000.csv");
  EXPECT_EQ(read_text(folder / files[0].path),
            "\"number\",\"name\",\"rank\",\"count\",\"score\",\"lift\",\"text\",\"at\",\"factors_0\",\"factors_1\"\n"
            "9223372036854775808,\"007\",1,5,0.1,0.1,,1970-01-01 00:00:00.000000Z,1,2\n"
            ",\"a\"\"b,\n\",2,,-2,2,\"x\",,3,4\n"
            "7,\"\xc3\xa9\",3,-1,1e-20,nan,\"y\",1969-12-31 23:59:59.999999Z,5,6\n");
}

TEST(TableWriter, JsonLinesAreOneObjectEach) {
  const TempFolder folder;
  const std::vector<WrittenFile> files = write(folder, TableFormat::kJsonLines);
  EXPECT_EQ(files[0].path, "export/table/part-00000.jsonl");
  EXPECT_EQ(read_text(folder / files[0].path),
            "{\"number\":9223372036854775808,\"name\":\"007\",\"rank\":1,\"count\":5,\"score\":0.1,\"lift\":0.1,"
            "\"text\":null,\"at\":\"1970-01-01T00:00:00.000000Z\",\"factors\":[1,2]}\n"
            "{\"number\":null,\"name\":\"a\\\"b,\\n\",\"rank\":2,\"count\":null,\"score\":-2,\"lift\":2,"
            "\"text\":\"x\",\"at\":null,\"factors\":[3,4]}\n"
            "{\"number\":7,\"name\":\"\xc3\xa9\",\"rank\":3,\"count\":-1,\"score\":1e-20,\"lift\":null,"
            "\"text\":\"y\",\"at\":\"1969-12-31T23:59:59.999999Z\",\"factors\":[5,6]}\n");
}

TEST(TableWriter, TheSameRowsGiveTheSameBytes) {
  const TempFolder folder;
  for (const TableFormat format : {TableFormat::kParquet, TableFormat::kCsv, TableFormat::kJsonLines}) {
    EXPECT_EQ(write(folder, format)[0].sha256, write(folder, format)[0].sha256);
  }
}

TEST(TableWriter, RowGroupsHoldAboutAMillionRows) {
  const TempFolder folder;
  const auto writer = make_table_writer(folder.path(), "t", TableFormat::kParquet);
  std::vector<std::int64_t> values(300'000);
  std::iota(values.begin(), values.end(), 0);
  for (int i = 0; i < 5; ++i) writer->write({{"n", values}});
  const std::vector<WrittenFile> files = writer->finish();
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].rows, 1'500'000);
  EXPECT_THAT(testing_support::row_groups_of(folder / files[0].path), ElementsAre(testing::Gt(900'000), testing::_));
}

TEST(TableWriter, ANewPartIsBegunBeforeAFileGrowsTooLarge) {
  const TempFolder folder;
  constexpr std::int64_t kLimit = 6 << 20;
  for (const TableFormat format : {TableFormat::kParquet, TableFormat::kCsv, TableFormat::kJsonLines}) {
    const auto writer = make_table_writer(folder.path(), "t", format, kLimit);
    std::vector<std::int64_t> values(200'000);
    for (std::int64_t i = 0; i < 10; ++i) {
      // Numbers that do not compress.
      for (std::size_t j = 0; j < values.size(); ++j) {
        values[j] = static_cast<std::int64_t>(philox(1, static_cast<std::uint64_t>(i), j).word[0]) << 30;
      }
      writer->write({{"n", values}});
    }
    const std::vector<WrittenFile> files = writer->finish();
    ASSERT_GE(files.size(), 3U);
    EXPECT_THAT(files[2].path, HasSubstr("part-00002."));
    std::int64_t rows = 0;
    for (const WrittenFile& file : files) {
      rows += file.rows;
      EXPECT_LE(file.bytes, kLimit);
      EXPECT_GE(file.bytes, &file == &files.back() ? 1 : kLimit / 4);
    }
    EXPECT_EQ(rows, 2'000'000);
  }
}

TEST(TableWriter, AShorterTableLeavesNoOldPartsBehind) {
  const TempFolder folder;
  std::filesystem::create_directories(folder / "export/table");
  testing_support::write_text(folder / "export/table/part-00001.parquet", "old");
  testing_support::write_text(folder / "export/table/notes.txt", "the user's");
  write(folder, TableFormat::kParquet);
  EXPECT_FALSE(std::filesystem::exists(folder / "export/table/part-00001.parquet"));
  EXPECT_TRUE(std::filesystem::exists(folder / "export/table/notes.txt"));
}

TEST(TableWriter, AnEmptyTableHasItsColumns) {
  const TempFolder folder;
  for (const TableFormat format : {TableFormat::kParquet, TableFormat::kCsv, TableFormat::kJsonLines}) {
    const auto writer = make_table_writer(folder.path(), "t", format);
    writer->write({{"item_id", IdColumn{&names(), {}}}, {"n", std::vector<std::int64_t>{}}});
    const std::vector<WrittenFile> files = writer->finish();
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].rows, 0);
    if (format == TableFormat::kParquet) {
      EXPECT_THAT(read_parquet(folder / files[0].path).names, ElementsAre("item_id: string", "n: int64"));
    }
  }
}

TEST(TableWriter, ColumnsOfDifferentLengthsAreRefused) {
  const TempFolder folder;
  const auto writer = make_table_writer(folder.path(), "t", TableFormat::kParquet);
  EXPECT_THROW(writer->write({{"a", std::vector<float>{1}}, {"b", std::vector<float>{1, 2}}}), ShapeMismatch);
}

/// A limit on the size of files stands for a full disk. The process must end in order afterwards.
TEST(TableWriterDeathTest, AWriteThatFailsHalfWayIsAnOutputError) {
  for (const TableFormat format : {TableFormat::kParquet, TableFormat::kCsv, TableFormat::kJsonLines}) {
    const TempFolder folder;
    const auto write_under_limit = [&] {
      const rlimit limit{10'000, 10'000};
      std::signal(SIGXFSZ, SIG_IGN);
      setrlimit(RLIMIT_FSIZE, &limit);
      std::vector<std::int64_t> values(100'000);
      std::iota(values.begin(), values.end(), 0);
      try {
        const auto writer = make_table_writer(folder.path(), "t", format);
        writer->write({{"n", values}});
        writer->finish();
      } catch (const OutputError& error) {
        std::fputs(error.what(), stderr);
        std::exit(8);
      }
      std::exit(0);
    };
    EXPECT_EXIT(write_under_limit(), testing::ExitedWithCode(8), "cannot write .*t/part-00000.*: File too large");
  }
}

}  // namespace
}  // namespace nextbest
