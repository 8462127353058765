#include <gmock/gmock.h>

#include "host/check/check.hpp"
#include "kernels/core/error.hpp"
#include "tests/host/ingest_testing.hpp"

namespace nextbest {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class IngestBadInput : public IngestTest {
 protected:
  std::string refusal_of_text(const std::string& csv) { return refusal<DataError>(job_of({write("bad.csv", csv)})); }
  std::string content(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
};

TEST_F(IngestBadInput, FilesThatAreNotThere) {
  EXPECT_THAT(refusal<DataError>(job_of({path("none.csv")})),
              AllOf(HasSubstr("there is no file"), HasSubstr("none.csv")));
  EXPECT_THAT(refusal<DataError>(job_of({path("*.parquet")})),
              AllOf(HasSubstr("no file matches"), HasSubstr("*.parquet")));
  EXPECT_THAT(refusal<DataError>(job_of({folder_.string()})), HasSubstr("holds no Parquet"));
  Job job = job_of({write("a.csv", "order_id,item_id\n1,a\n")});
  job.items.path = {path("items.csv")};
  EXPECT_THAT(refusal<DataError>(job), AllOf(HasSubstr("[input.items] path"), HasSubstr("items.csv")));
}

TEST_F(IngestBadInput, EmptyFilesAndHeadersOnly) {
  EXPECT_THAT(refusal_of_text(""), AllOf(HasSubstr("bad.csv"), HasSubstr("empty (0 bytes)")));
  EXPECT_THAT(refusal_of_text("\n\n"), HasSubstr("no header"));
  EXPECT_THAT(refusal_of_text("order_id,item_id\n"), HasSubstr("no order line under the header"));
  EXPECT_THAT(refusal_of_text("order_id,item_id"), HasSubstr("no order line under the header"));
  EXPECT_THAT(refusal<DataError>(job_of({write_parquet(
                  "e.parquet", {{"order_id", make(arrow::int8(), "[]")}, {"item_id", make(arrow::int8(), "[]")}})})),
              HasSubstr("no order line"));
  Job job = job_of({write("a.csv", "order_id,item_id\n1,a\n")});
  job.items.path = {write("items.csv", "item_id,name\n")};
  EXPECT_THAT(refusal<DataError>(job), HasSubstr("the catalogue has no row"));
}

TEST_F(IngestBadInput, DamagedParquet) {
  const std::string whole = content(write_parquet(
      "w.parquet", {{"order_id", make(arrow::int64(), "[1, 2]")}, {"item_id", make(arrow::int64(), "[1, 2]")}}));
  for (const std::size_t length : {whole.size() - 1, whole.size() / 2, std::size_t{12}, std::size_t{4}}) {
    EXPECT_THAT(refusal<DataError>(job_of({write("cut.parquet", whole.substr(0, length))})),
                AllOf(HasSubstr("cut.parquet"), HasSubstr("damaged or cut off")));
  }
  std::string broken = whole;
  for (std::size_t i = 4; i < 60; ++i) broken[i] = static_cast<char>(0xff);
  EXPECT_THAT(refusal<DataError>(job_of({write("broken.parquet", broken)})), HasSubstr("broken.parquet"));
  EXPECT_THAT(refusal<DataError>(job_of({write("text.parquet", "order_id,item_id\n1,2\n")})),
              HasSubstr("damaged or cut off"));
}

TEST_F(IngestBadInput, DamagedArrowAndCompressedFiles) {
  const std::string ipc = content(write_ipc(
      "w.arrow", {{"order_id", make(arrow::int64(), "[1, 2]")}, {"item_id", make(arrow::int64(), "[1, 2]")}}));
  EXPECT_THAT(refusal<DataError>(job_of({write("cut.arrow", ipc.substr(0, ipc.size() / 2))})), HasSubstr("cut.arrow"));
  std::string csv = "order_id,item_id\n";
  for (int i = 0; i < 5000; ++i) csv += fmt::format("{},{}\n", i, i * 7919 % 1000);
  for (const char* codec : {"gzip", "zstd"}) {
    const std::string packed = content(write_compressed("w", csv, codec));
    EXPECT_THAT(refusal<DataError>(job_of({write("cut.csv.gz", packed.substr(0, packed.size() / 2))})),
                HasSubstr("cut.csv.gz"))
        << codec;
    EXPECT_THAT(refusal<DataError>(job_of({write("cut.csv.gz", packed.substr(0, packed.size() - 3))})),
                HasSubstr("cut.csv.gz"))
        << codec;
  }
}

TEST_F(IngestBadInput, BrokenLinesNameTheirLine) {
  EXPECT_THAT(refusal_of_text("order_id,item_id\n1,a\n2\n3,c\n"),
              AllOf(HasSubstr("bad.csv: line 3:"), HasSubstr("1 field, the header has 2")));
  EXPECT_THAT(refusal_of_text("order_id,item_id\n1,a\n2,b,c,d\n"), AllOf(HasSubstr("line 3:"), HasSubstr("4 fields")));
  EXPECT_THAT(refusal_of_text("order_id,item_id\n\n1,a\n\n2,b,c\n"), HasSubstr("line 5:"));     // blank lines count
  EXPECT_THAT(refusal_of_text("order_id,item_id\n1,\"a\nb\"\n2,b,c\n"), HasSubstr("line 4:"));  // lines in quotes count
  EXPECT_THAT(refusal_of_text("order_id,item_id\r\n1,a\r\n2,b,c\r\n"), HasSubstr("line 3:"));
  EXPECT_THAT(refusal_of_text("order_id,item_id\n1,a\n2,\"b\n3,c\n4,d\n"),
              AllOf(HasSubstr("line 3:"), HasSubstr("quote")));
  std::string many = "order_id,item_id\n";
  for (int i = 0; i < 600'000; ++i) many += fmt::format("{},{}\n", i, i % 10);
  EXPECT_THAT(refusal_of_text(many + "1,2,3\n"), HasSubstr("line 600002:"));
}

TEST_F(IngestBadInput, ValuesOfTheWrongKind) {
  EXPECT_THAT(refusal_of_text("order_id,item_id,quantity\n1,a,1\n1,b,two\n"),
              AllOf(HasSubstr("bad.csv: line 3, column \"quantity\", value \"two\""), HasSubstr("not a number"),
                    HasSubstr("--max-bad-rows")));
  EXPECT_THAT(refusal_of_text("order_id,item_id,quantity\n1,a,\n"), HasSubstr("the number is missing"));
  EXPECT_THAT(refusal_of_text("order_id,item_id,quantity\n1,a,1\n1,b,nan\n"),
              AllOf(HasSubstr("line 3, column \"quantity\", value \"nan\""), HasSubstr("the number is missing")));
  EXPECT_THAT(refusal_of_text("order_id,item_id,ordered_at\n1,a,NULL\n"),
              AllOf(HasSubstr("column \"ordered_at\", value \"NULL\""), HasSubstr("the time is missing")));
  EXPECT_THAT(refusal_of_text("order_id,item_id,unit_price\n1,a,\"1,50\"\n"), HasSubstr("value \"1,50\""));
  EXPECT_THAT(refusal_of_text("order_id,item_id,unit_price\n1,a,1e300\n"), HasSubstr("not a number within"));
  EXPECT_THAT(refusal_of_text("order_id,item_id,ordered_at\n1,a,31.01.2026\n"),
              AllOf(HasSubstr("line 2, column \"ordered_at\""), HasSubstr("2026-01-31")));
  EXPECT_THAT(refusal_of_text("order_id,item_id,split\n1,a,holdout\n"),
              AllOf(HasSubstr("value \"holdout\""), HasSubstr("train, validation or test")));
  EXPECT_THAT(refusal_of_text("order_id,item_id\n,a\n"),
              AllOf(HasSubstr("column \"order_id\""), HasSubstr("the id is missing")));
  EXPECT_THAT(refusal_of_text("order_id,item_id\n1,\n"),
              AllOf(HasSubstr("column \"item_id\""), HasSubstr("the id is missing")));
}

TEST_F(IngestBadInput, TypesThatCannotBeRead) {
  const auto typed = [&](const std::string& column, const std::shared_ptr<arrow::Array>& array) {
    Columns columns = {{"order_id", make(arrow::int64(), "[1, 2]")}, {"item_id", make(arrow::int64(), "[1, 2]")}};
    std::erase_if(columns, [&](const auto& c) { return c.first == column; });
    columns.emplace_back(column, array);
    return refusal<DataError>(job_of({write_parquet("t.parquet", columns)}));
  };
  EXPECT_THAT(typed("item_id", make(arrow::boolean(), "[true, false]")),
              AllOf(HasSubstr("column \"item_id\" is of type bool"), HasSubstr("integers or text")));
  EXPECT_THAT(typed("item_id", make(arrow::list(arrow::int8()), "[[1], [2]]")), HasSubstr("nested"));
  EXPECT_THAT(typed("item_id", make(arrow::float64(), "[1, 2.5]")),
              AllOf(HasSubstr("row 2, column \"item_id\", value \"2.5\""), HasSubstr("fraction")));
  EXPECT_THAT(typed("quantity", make(arrow::date32(), "[1, 2]")), HasSubstr("date32"));
  EXPECT_THAT(typed("ordered_at", make(arrow::boolean(), "[true, false]")), HasSubstr("bool"));
  const std::string far = write_ipc(
      "far.arrow", {{"order_id", make(arrow::int64(), "[1, 2]")},
                    {"item_id", make(arrow::int64(), "[1, 2]")},
                    {"ordered_at", make(arrow::timestamp(arrow::TimeUnit::SECOND), "[0, 9000000000000000000]")}});
  EXPECT_THAT(refusal<DataError>(job_of({far})), AllOf(HasSubstr("row 2"), HasSubstr("value \"9000000000000000000\"")));
  EXPECT_THAT(typed("ordered_at", make(arrow::int64(), "[1768485600, null]")),
              AllOf(HasSubstr("row 2"), HasSubstr("missing")));
}

TEST_F(IngestBadInput, IdsThatAreNotUtf8) {
  EXPECT_THAT(refusal_of_text("order_id,item_id\n1,a\n2,caf\xe9\n"),
              AllOf(HasSubstr("line 3, column \"item_id\", value \"caf\\xe9\""), HasSubstr("not UTF-8")));
  const std::string customer = refusal_of_text("order_id,item_id,customer_id\n1,a,jos\xe9\n");
  EXPECT_THAT(customer, AllOf(HasSubstr("line 2, column \"customer_id\""), Not(HasSubstr("jos"))));
}

TEST_F(IngestBadInput, ColumnsThatDoNotExist) {
  Job job = job_of({write("a.csv", "ticket,sku,stamp\n1,a,2026-01-01\n")});
  job.orders.columns = {{"order_id", "tickets"}, {"item_id", "sku"}};
  EXPECT_THAT(refusal<DataError>(job),
              AllOf(HasSubstr("no column \"tickets\", did you mean \"ticket\"?"),
                    HasSubstr("\"ticket\", \"sku\", \"stamp\""), HasSubstr("[input.orders.columns] order_id")));
  job.orders.columns = {{"order_id", "ticket"}};
  EXPECT_THAT(refusal<DataError>(job), HasSubstr("no column \"item_id\""));
  job.orders.columns = {{"item_id", "sku"}};
  EXPECT_THAT(refusal<DataError>(job), HasSubstr("neither order_id nor customer_id"));
  job.orders.columns = {
      {"item_id", "sku"}, {"order_id", "ticket"}, {"channel", "shop"}};  // mapped, though nothing reads it
  EXPECT_THAT(refusal<DataError>(job), HasSubstr("no column \"shop\""));
  EXPECT_THAT(refusal_of_text("order_id,item_id,item_id\n1,a,b\n"), HasSubstr("more than once"));
  EXPECT_THAT(refusal<DataError>(job_of(
                  {write("x.csv", "order_id,item_id\n1,a\n"), write("y.csv", "order_id,item_id,quantity\n1,a,1\n")})),
              AllOf(HasSubstr("y.csv"), HasSubstr("x.csv"), HasSubstr("\"quantity\"")));
}

TEST_F(IngestBadInput, ABoundedNumberOfBadRowsIsSkipped) {
  Job job = job_of({write("a.csv", "order_id,item_id,quantity\n1,a,1\n2,b,x\n3\n4,c,2\n5,,1\n6,d,-\n")});
  IngestOptions options;
  options.max_bad_rows = 4;
  options.reject_file = path("rejects.csv");
  const IngestResult result = run(job, options);
  EXPECT_EQ(text_of(result.log), "1/ax1 | 4/cx2");
  EXPECT_EQ(finding(result.quality, "bad_rows").lines, 4);
  const std::string rejects = content(path("rejects.csv"));
  for (const char* place :
       {"\"line 3\",\"quantity\",\"x\"", "\"line 4\"", "\"line 6\",\"item_id\"", "\"line 7\",\"quantity\",\"-\""}) {
    EXPECT_THAT(rejects, HasSubstr(place));
  }
  options.max_bad_rows = 3;
  EXPECT_THAT(refusal<DataError>(job, options), HasSubstr("more than the 3 bad rows"));
  options.max_bad_rows = 9;
  options.reject_file = path("no/such/folder/rejects.csv");
  EXPECT_THAT(refusal<OutputError>(job, options), HasSubstr("reject file"));
}

TEST_F(IngestBadInput, GatesOfTheCheck) {
  Job job = job_of({write("a.csv", "order_id,item_id,ordered_at\n1,a,2026-01-01\n1,b,2026-01-01\n2,a,2027-01-01\n")});
  IngestOptions options;
  options.now = 20485 * kMicrosPerDay;
  const IngestResult result = run(job, options);
  const auto gate = [&](const std::vector<std::string>& rules) -> std::string {
    CheckRules check;
    check.fail_on = rules;
    try {
      check_quality(result.quality, check);
    } catch (const GateFailed& failed) {
      EXPECT_EQ(failed.exit_code(), ExitCode::kDataGate);
      return failed.what();
    }
    return "";
  };
  EXPECT_THAT(gate(CheckRules().fail_on),
              AllOf(HasSubstr("future_timestamps>0.1%"), HasSubstr("33.333 % (1 lines)"), HasSubstr("a.csv:4")));
  EXPECT_EQ(gate({"future_timestamps > 34 %"}), "");
  EXPECT_EQ(gate({"future_timestamps>1"}), "");
  EXPECT_THAT(gate({"future_timestamps>0"}), HasSubstr("found 1 lines"));
  EXPECT_EQ(gate({"volume_drop>0%", "duplicates>0"}), "");
  options.now = 0;  // everything is future: the gate says so, not the emptiness
  EXPECT_THAT(refusal<GateFailed>(job, options), HasSubstr("future_timestamps"));
}

TEST_F(IngestBadInput, RulesOfTheGate) {
  const GateRule rule = parse_gate_rule(" unjoined_items > 2.5 % ");
  EXPECT_EQ(rule.name, "unjoined_items");
  EXPECT_DOUBLE_EQ(rule.limit, 2.5);
  EXPECT_TRUE(rule.is_share);
  const auto refused = [](const std::string& text) -> std::string {
    try {
      parse_gate_rule(text);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(refused("unjoint_items>5%"), HasSubstr("did you mean \"unjoined_items\"?"));
  EXPECT_THAT(refused("duplicates"), HasSubstr("is no rule"));
  for (const char* text : {"duplicates>", "duplicates>x%", "duplicates>-1%", "duplicates>nan"})
    EXPECT_THAT(refused(text), HasSubstr("has no limit")) << text;
}

}  // namespace
}  // namespace nextbest
