#include <gmock/gmock.h>

#include "host/ingest/glob.hpp"
#include "tests/host/ingest_testing.hpp"

namespace nextbest {
namespace {

using testing::ElementsAre;

const std::string kLines =
    "order_id,customer_id,item_id,quantity,unit_price,note\n"
    "1,9,tea,1,2.50,\"a, \"\"quoted\"\" note\"\n"
    "1,9,mug,2,1.25,\"two\nlines\"\n"
    "2,8,tea,3,2.5,\n";
const std::string kLog = "2/teax3@2.5 | 1/mugx2@1.25 teax1@2.5";

class IngestReading : public IngestTest {};

TEST_F(IngestReading, TextPlainAndCompressedByContent) {
  EXPECT_EQ(text_of(run(job_of({write("a.csv", kLines)})).log), kLog);
  EXPECT_EQ(text_of(run(job_of({write_compressed("a.csv.gz", kLines, "gzip")})).log), kLog);
  EXPECT_EQ(text_of(run(job_of({write_compressed("a.csv.zst", kLines, "zstd")})).log), kLog);
  EXPECT_EQ(text_of(run(job_of({write_compressed("named_wrongly.csv", kLines, "gzip")})).log), kLog);
}

TEST_F(IngestReading, DelimitersLineEndsByteOrderMark) {
  const std::string unix_text = "order_id,item_id\n1,tea\n1,mug\n";
  const std::string wanted = "1/mug tea";
  for (const char delimiter : {',', ';', '\t', '|'}) {
    std::string text = unix_text;
    std::replace(text.begin(), text.end(), ',', delimiter);
    EXPECT_EQ(text_of(run_text(text).log), wanted) << delimiter;
  }
  EXPECT_EQ(text_of(run_text("order_id,item_id\r\n1,tea\r\n1,mug\r\n").log), wanted);
  EXPECT_EQ(text_of(run_text("\xef\xbb\xbforder_id,item_id\n1,tea\n1,mug").log), wanted);
  EXPECT_EQ(text_of(run_text("order_id,item_id\n\n1,tea\n\n\n1,mug\n").log), wanted);
  Job job = job_of({write("tabs.txt", "order_id\titem_id\n1\ta,b\n")});
  job.orders.format = "tsv";
  EXPECT_EQ(text_of(run(job).log), "1/a,b");
}

TEST_F(IngestReading, ParquetAndArrowFiles) {
  const Columns columns = {{"order_id", make(arrow::int32(), "[1, 1, 2]")},
                           {"customer_id", make(arrow::int64(), "[9, 9, 8]")},
                           {"item_id", make(arrow::utf8(), R"(["tea", "mug", "tea"])")},
                           {"quantity", make(arrow::int8(), "[1, 2, 3]")},
                           {"unit_price", make(arrow::decimal128(9, 2), R"(["2.50", "1.25", "2.50"])")},
                           {"unread", make(arrow::list(arrow::int8()), "[[1], [], null]")}};
  EXPECT_EQ(text_of(run(job_of({write_parquet("a.parquet", columns)})).log), kLog);
  EXPECT_EQ(text_of(run(job_of({write_ipc("a.arrow", columns)})).log), kLog);
  EXPECT_EQ(text_of(run(job_of({write_ipc("no_extension", columns)})).log), kLog);
}

TEST_F(IngestReading, FilesOfGlobFolderAndList) {
  const std::string a = write("x/2.csv", "order_id,item_id\n2,b\n");
  const std::string b = write("x/1.csv", "order_id,item_id\n1,a\n");
  const std::string c = write("x/deep/er/3.csv", "order_id,item_id\n3,c\n");
  write("x/_SUCCESS", "");
  write("x/.hidden.csv", "nonsense");
  const auto paths = [&](const std::vector<std::string>& entries) {
    std::vector<std::string> found;
    for (const InputFile& file : find_inputs(job_of(entries))) found.push_back(file.path);
    return found;
  };
  EXPECT_THAT(paths({path("x")}), ElementsAre(b, a, c));
  EXPECT_THAT(paths({path("x/*.csv")}), ElementsAre(b, a));
  EXPECT_THAT(paths({path("x/**/*.csv")}), ElementsAre(b, a, c));
  EXPECT_THAT(paths({path("x/{2,1}.csv")}), ElementsAre(b, a));
  EXPECT_THAT(paths({path("x/?.csv"), c}), ElementsAre(b, a, c));
  EXPECT_THAT(paths({a, b, a}), ElementsAre(a, b));  // as given, each once
  const IngestResult result = run(job_of({path("x")}));
  EXPECT_EQ(text_of(result.log), "1/a | 2/b | 3/c");
  EXPECT_EQ(result.inputs[0].rows, 1);
  EXPECT_EQ(result.inputs[0].bytes, 21);
  EXPECT_EQ(result.inputs[0].fingerprint.size(), 32u);
  EXPECT_NE(result.inputs[0].fingerprint, result.inputs[1].fingerprint);
}

TEST_F(IngestReading, HivePartitionsAreColumns) {
  write("dt=2026-01-31/shop=A%2FB/p.csv", "order_id,customer_id,item_id\n1,7,tea\n");
  write("dt=2026-02-01/shop=__HIVE_DEFAULT_PARTITION__/p.csv", "order_id,customer_id,item_id\n2,7,tea\n");
  Job job = job_of({path("dt=*/shop=*/*.csv")});
  job.orders.columns = {{"ordered_at", "dt"}};
  const OrderLog log = run(job).log;
  EXPECT_THAT(log.basket_time, ElementsAre(20484 * kMicrosPerDay, 20485 * kMicrosPerDay));
  job.orders.columns = {{"customer_id", "shop"}};
  const OrderLog shops = run(job).log;
  ASSERT_EQ(shops.customers.size(), 1);
  EXPECT_EQ(shops.customers.text(0), "A/B");
}

TEST_F(IngestReading, TypesOfIds) {
  const auto items_of = [&](const std::shared_ptr<arrow::Array>& ids) {
    std::vector<std::string> orders(static_cast<std::size_t>(ids->length()), "1");
    return run(job_of({write_parquet("ids.parquet", {{"order_id", make(arrow::int64(), "[1, 1]")}, {"item_id", ids}})}))
        .log.items;
  };
  const auto expect = [&](const std::shared_ptr<arrow::Array>& ids, IdType type, const std::string& first,
                          const std::string& second) {
    const Dictionary items = items_of(ids);
    EXPECT_EQ(items.type(), type) << ids->type()->ToString();
    ASSERT_EQ(items.size(), 2) << ids->type()->ToString();
    EXPECT_EQ(items.text(0), first);
    EXPECT_EQ(items.text(1), second);
  };
  for (const auto& type :
       {arrow::int8(), arrow::int16(), arrow::int32(), arrow::int64(), arrow::float32(), arrow::float64()}) {
    expect(make(type, "[10, -9]"), IdType::kInt64, "-9", "10");
  }
  for (const auto& type : {arrow::uint8(), arrow::uint16(), arrow::uint32()})
    expect(make(type, "[10, 9]"), IdType::kInt64, "9", "10");
  expect(make(arrow::uint64(), "[10, 9]"), IdType::kUint64, "9", "10");
  expect(make(arrow::uint64(), "[18446744073709551615, 9]"), IdType::kUint64, "9", "18446744073709551615");
  expect(make(arrow::int64(), "[9223372036854775807, -9223372036854775808]"), IdType::kInt64, "-9223372036854775808",
         "9223372036854775807");
  expect(make(arrow::decimal128(20, 2), R"(["10.00", "9.00"])"), IdType::kInt64, "9", "10");
  for (const auto& type : {arrow::utf8(), arrow::large_utf8(), arrow::binary(), arrow::utf8_view(),
                           arrow::dictionary(arrow::int8(), arrow::utf8())}) {
    expect(make(type, R"(["9", "10"])"), IdType::kString, "10", "9");
  }
}

TEST_F(IngestReading, TypesOfNumbers) {
  const auto price_of = [&](const std::shared_ptr<arrow::Array>& prices) {
    return text_of(run(job_of({write_ipc("n.arrow", {{"order_id", make(arrow::int64(), "[1]")},
                                                     {"item_id", make(arrow::utf8(), R"(["a"])")},
                                                     {"unit_price", prices}})}))
                       .log);
  };
  for (const auto& type :
       {arrow::decimal32(9, 3), arrow::decimal64(18, 3), arrow::decimal128(38, 3), arrow::decimal256(60, 3)}) {
    EXPECT_EQ(price_of(make(type, R"(["2.550"])")), "1/a@2.55") << type->ToString();
  }
  EXPECT_EQ(price_of(make(arrow::decimal128(20, 6), R"(["-0.000050"])")), "1/a@-0.0001");
  EXPECT_EQ(price_of(make(arrow::float32(), "[2.55]")), "1/a@2.55");
  EXPECT_EQ(price_of(make(arrow::float64(), "[2.55]")), "1/a@2.55");
  EXPECT_EQ(price_of(make(arrow::float64(), "[null]")), "1/a@?");
  EXPECT_EQ(price_of(make(arrow::float16(), "[2.5]")), "1/a@2.5");
  EXPECT_EQ(price_of(make(arrow::uint64(), "[7]")), "1/a@7");
  EXPECT_EQ(price_of(make(arrow::null(), "[null]")), "1/a@?");
  EXPECT_EQ(price_of(make(arrow::utf8(), R"([" 2.55 "])")), "1/a@2.55");
  EXPECT_EQ(price_of(make(arrow::dictionary(arrow::int32(), arrow::utf8()), R"(["2.55"])")), "1/a@2.55");
}

TEST_F(IngestReading, NamesThatAreNotUtf8AreShownAsFarAsPossible) {
  const OrderLog log = run_text(
                           "order_id,item_id,item_name\n1,a,\xa3"
                           "5 caf\xc3\xa9\xff\n")
                           .log;
  EXPECT_THAT(log.catalogue.name, ElementsAre("\xef\xbf\xbd"
                                              "5 caf\xc3\xa9\xef\xbf\xbd"));
}

TEST_F(IngestReading, TextIdsAreIntegersOnlyWhenAllAre) {
  const auto type_of = [&](const std::string& a, const std::string& b) {
    return run_text("order_id,item_id\n1," + a + "\n1," + b + "\n").log.items.type();
  };
  EXPECT_EQ(type_of("10", "-9"), IdType::kInt64);
  EXPECT_EQ(type_of("0", "18446744073709551615"), IdType::kUint64);
  EXPECT_EQ(type_of("-1", "18446744073709551615"), IdType::kString);  // no type holds both
  EXPECT_EQ(type_of("10", "18446744073709551616"), IdType::kString);
  for (const char* text : {"007", "+7", "-0", "7.0", "7a", "-", "1e3", "0x1"})
    EXPECT_EQ(type_of("10", text), IdType::kString) << text;
  const OrderLog log = run_text("order_id,item_id\n1,007\n1,7\n1,10\n").log;
  EXPECT_EQ(text_of(log), "1/007 10 7");  // bytewise, zeros kept
}

TEST_F(IngestReading, OneColumnForTwoRoles) {
  Job job = job_of({write("a.csv", "user,item_id\n5,a\n5,b\n6,a\n")});
  job.orders.columns = {{"order_id", "user"}, {"customer_id", "user"}};
  const OrderLog log = run(job).log;
  EXPECT_EQ(text_of(log), "5/a b | 6/a");
  EXPECT_EQ(log.customers.size(), 2);
}

TEST_F(IngestReading, ManyBatchesOfText) {
  std::string text = "order_id,item_id,note\n";
  for (int i = 0; i < 200'000; ++i) text += fmt::format("{},{},\"line\n{}\"\n", i / 4, i % 4, std::string(40, 'x'));
  const IngestResult result = run_text(text);
  EXPECT_EQ(result.quality.clean.lines, 200'000);
  EXPECT_EQ(result.quality.clean.orders, 50'000);
}

TEST(IngestGlob, WildcardMatch) {
  EXPECT_TRUE(wildcard_match("gift_*", "gift_0001_20"));
  EXPECT_TRUE(wildcard_match("*a*b*", "xxaxxbxx"));
  EXPECT_TRUE(wildcard_match("*", ""));
  EXPECT_TRUE(wildcard_match("M", "M"));
  EXPECT_FALSE(wildcard_match("M", "MM"));
  EXPECT_FALSE(wildcard_match("M", "m"));
  EXPECT_FALSE(wildcard_match("*ab", "aba"));
  EXPECT_FALSE(wildcard_match("a?c", "abc"));  // only * is special
  EXPECT_TRUE(wildcard_match("[x]", "[x]"));
}

}  // namespace
}  // namespace nextbest
