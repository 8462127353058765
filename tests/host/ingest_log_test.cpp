#include <algorithm>
#include <random>

#include <gmock/gmock.h>

#include "host/check/check.hpp"
#include "host/ingest/values.hpp"
#include "kernels/core/error.hpp"
#include "tests/host/ingest_testing.hpp"

namespace nextbest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class IngestLog : public IngestTest {};

TEST_F(IngestLog, BasketsLieByCustomerTimeAndOrder) {
  const OrderLog log = run_text(
                           "order_id,customer_id,item_id,ordered_at\n"
                           "30,b,x,2026-01-02\n30,b,w,2026-01-01 09:00\n"
                           "10,,x,2026-01-01\n"
                           "21,a,x,2026-01-03\n20,a,z,2026-01-03\n40,a,x,2026-01-01\n"
                           "10,b,y,2026-01-05\n")
                           .log;  // order 10 once more, of somebody else: a basket of its own
  EXPECT_EQ(text_of(log), "40/x | 20/z | 21/x | 30/w x | 10/y | 10/x");
  EXPECT_THAT(log.customer_offset, ElementsAre(0, 3, 5));
  EXPECT_EQ(log.customers.text(0), "a");
  EXPECT_EQ(log.orders.type(), IdType::kInt64);
  EXPECT_EQ(log.basket_time[3], 20454 * kMicrosPerDay + 9 * 3'600'000'000);  // of the earliest line
  ASSERT_EQ(log.line_time.size(), 7u);                                       // lines of one basket differ
  EXPECT_EQ(log.line_time[4], 20455 * kMicrosPerDay);
  EXPECT_TRUE(log.line_quantity.empty());
  EXPECT_TRUE(log.line_price.empty());
  EXPECT_TRUE(log.basket_split.empty());
}

TEST_F(IngestLog, LineTimesOnlyWhereTheyDiffer) {
  EXPECT_TRUE(
      run_text("order_id,item_id,ordered_at\n1,a,2026-01-01\n1,b,2026-01-01\n2,a,2026-01-02\n").log.line_time.empty());
}

TEST_F(IngestLog, MissingCustomersAreNobody) {
  const std::string head = "order_id,customer_id,item_id\n";
  EXPECT_EQ(run_text(head + "1,,a\n2,NA,a\n3,NaN,b\n4,null,b\n").log.customers.size(), 0);
  const OrderLog log =
      run(job_of({write_parquet("c.parquet", {{"order_id", make(arrow::int64(), "[1, 2, 3]")},
                                              {"customer_id", make(arrow::float64(), "[17850, null, 13047]")},
                                              {"item_id", make(arrow::utf8(), R"(["a", "a", "NA"])")}})}))
          .log;
  EXPECT_EQ(log.customers.type(), IdType::kInt64);  // what pandas does to integers with gaps
  EXPECT_EQ(text_of(log), "3/NA | 1/a | 2/a");
}

TEST_F(IngestLog, WithoutOrderIdsDaysAreOrders) {
  const std::string csv =
      "customer_id,item_id,ordered_at\n"
      "9,a,2026-01-01 01:00\n9,b,2026-01-01 23:00\n9,a,2026-01-01 12:00\n9,a,2026-01-02 03:00\n,a,2026-01-02\n";
  IngestResult result = run_text(csv);
  EXPECT_EQ(text_of(result.log), "a b | a");
  EXPECT_EQ(result.log.orders.size(), 0);
  EXPECT_TRUE(result.log.basket_order.empty());
  EXPECT_EQ(finding(result.quality, "lines_without_customer").lines, 1);
  EXPECT_EQ(finding(result.quality, "duplicates").lines, 0);  // bought twice that day, which is no mistake
  EXPECT_EQ(result.quality.clean.orders, 2);
  Job job = job_of({write("tz.csv", "customer_id,item_id,ordered_at\n9,a,2026-01-01T23:30Z\n9,b,2026-01-02T00:30Z\n")});
  EXPECT_EQ(text_of(run(job).log), "a | b");
  job.time_zone = "Europe/Berlin";  // both on 2 January
  EXPECT_EQ(text_of(run(job).log), "a b");
  job.clean.duplicates = Duplicates::kError;
  EXPECT_EQ(text_of(run(job).log), "a b");
}

TEST_F(IngestLog, WithoutOrderIdsAndTimesAHistoryIsOneUnit) {
  const OrderLog log = run_text("customer_id,item_id\n9,b\n8,a\n9,a\n9,b\n").log;
  EXPECT_EQ(text_of(log), "a | a b");
  EXPECT_TRUE(log.basket_time.empty());
  EXPECT_EQ(log.as_of, kNoTime);
}

TEST_F(IngestLog, SplitsPartBasketsAndDates) {
  const OrderLog log = run_text(
                           "order_id,customer_id,item_id,ordered_at,split\n"
                           "1,9,a,2026-01-02,train\n1,9,b,2026-01-02,TEST\n2,9,c,2026-01-03,val\n3,9,d,2026-01-09,"
                           "test\n4,9,d,2026-01-01,test\n")
                           .log;
  EXPECT_EQ(text_of(log), "4/d | 1/a | 1/b | 2/c | 3/d");
  EXPECT_THAT(log.basket_split,
              ElementsAre(Split::kTest, Split::kTrain, Split::kTest, Split::kValidation, Split::kTest));
  EXPECT_EQ(log.first_time, 20455 * kMicrosPerDay);
  EXPECT_EQ(log.as_of, 20456 * kMicrosPerDay);
}

TEST_F(IngestLog, TheOrderOfLinesDoesNotMatter) {
  std::mt19937 random(7);
  std::vector<std::string> lines;
  for (int i = 0; i < 400; ++i) {
    const int order = static_cast<int>(random() % 60), item = static_cast<int>(random() % 12);
    const std::string customer = order % 7 == 0 ? "" : std::to_string(order % 5);
    lines.push_back(fmt::format("{},{},i{},2026-01-{:02}T{:02}:00,{},{}.{:02}\n", order, customer, item, order / 3 + 1,
                                random() % 24, static_cast<int>(random() % 6) - 1, random() % 20, random() % 100));
  }
  const std::string head = "order_id,customer_id,item_id,ordered_at,quantity,unit_price\n";
  const auto ingested = [&] {
    std::string text = head;
    for (const std::string& line : lines) text += line;
    return run_text(text);
  };
  const IngestResult first = ingested();
  EXPECT_GT(finding(first.quality, "returns").lines, 5);
  EXPECT_GT(finding(first.quality, "duplicates").lines, 20);
  for (int shuffle = 0; shuffle < 3; ++shuffle) {
    std::shuffle(lines.begin(), lines.end(), random);
    const IngestResult again = ingested();
    EXPECT_EQ(text_of(again.log), text_of(first.log));
    EXPECT_EQ(again.log.line_time, first.log.line_time);
    EXPECT_EQ(again.log.basket_time, first.log.basket_time);
    EXPECT_EQ(again.log.customer_offset, first.log.customer_offset);
    EXPECT_EQ(again.quality.clean.value, first.quality.clean.value);
  }
}

TEST_F(IngestLog, CatalogueByIdsOfAnotherType) {
  const std::string items = write("items.csv",
                                  "item_id,name,brand,cat,sub,price,cost,stock,launched_at,size\n"
                                  "30,Cup,B,Home,Cups,4.5,2,7,2025-01-01,\n"
                                  "10,Tea,A,Food,,2.5,,0,,500 g\nx9,Never sold,C,Food,Dry,1,1,1,,\n");
  Job job = job_of({write_parquet("o.parquet", {{"order_id", make(arrow::int64(), "[1, 1, 2]")},
                                                {"item_id", make(arrow::int64(), "[30, 10, 20]")}})});
  job.items.path = {items};
  job.items.category = {"cat", "sub"};
  const IngestResult result = run(job);
  const Catalogue& catalogue = result.log.catalogue;
  EXPECT_EQ(result.log.items.type(), IdType::kInt64);  // the orders' type, whatever the catalogue's text
  EXPECT_THAT(catalogue.name, ElementsAre("Tea", "", "Cup"));
  EXPECT_THAT(catalogue.category_columns, ElementsAre("cat", "sub"));
  EXPECT_THAT(catalogue.category[0].names, ElementsAre("Food", "Home"));
  EXPECT_THAT(catalogue.category[0].code, ElementsAre(0, kNoCode, 1));
  EXPECT_THAT(catalogue.category[1].names, ElementsAre("Cups"));
  EXPECT_THAT(catalogue.brand.code, ElementsAre(0, kNoCode, 1));
  EXPECT_THAT(catalogue.size.code, ElementsAre(0, kNoCode, kNoCode));
  EXPECT_THAT(catalogue.price, ElementsAre(25'000, kNoValue, 45'000));
  EXPECT_THAT(catalogue.cost, ElementsAre(kNoValue, kNoValue, 20'000));
  EXPECT_THAT(catalogue.stock, ElementsAre(0, kNoValue, 7));
  EXPECT_THAT(catalogue.launched_at, ElementsAre(kNoTime, kNoTime, 20089 * kMicrosPerDay));
  EXPECT_THAT(catalogue.family.names, IsEmpty());
  EXPECT_THAT(catalogue.discontinued_at, IsEmpty());
  EXPECT_EQ(finding(result.quality, "unjoined_items").lines, 1);
  EXPECT_EQ(result.inputs[1].rows, 3);
}

TEST_F(IngestLog, CatalogueOfSeveralFilesAndDuplicateIds) {
  Job job = job_of({write("o.csv", "order_id,item_id\n1,a\n1,b\n")});
  job.items.path = {write("i1.csv", "item_id,name\na,Tea\n"), write("i2.csv", "item_id,brand\nb,Best\n")};
  const OrderLog log = run(job).log;
  EXPECT_THAT(log.catalogue.name, ElementsAre("Tea", ""));
  EXPECT_THAT(log.catalogue.brand.code, ElementsAre(kNoCode, 0));
  job.items.path = {write("i3.csv", "item_id,name\na,Tea\nb,Mug\n\na,Tea again\n")};
  EXPECT_THAT(refusal<DataError>(job),
              HasSubstr("i3.csv: line 5, column \"item_id\", value \"a\": the catalogue has this id already (line 2)"));
  job.items.path = {path("i1.csv"), write("i4.csv", "item_id\nb\na\n")};
  EXPECT_THAT(refusal<DataError>(job), HasSubstr("already (" + path("i1.csv")));
}

TEST_F(IngestLog, NamesFromTheLines) {
  const std::string csv = "order_id,item_id,item_name\n1,a,Tea\n2,a, tea \n3,a,tea\n1,b,Mug B\n2,b,Mug A\n1,c,\n";
  EXPECT_THAT(run_text(csv).log.catalogue.name, ElementsAre("tea", "Mug A", ""));  // most frequent, then smallest
  Job job = job_of({write("o.csv", csv)});
  job.items.path = {write("i.csv", "item_id,name\na,The tea\nb,\nc,\n")};
  EXPECT_THAT(run(job).log.catalogue.name, ElementsAre("The tea", "Mug A", ""));
}

TEST_F(IngestLog, ReadinessPerOutput) {
  const auto missing = [&](const std::string& csv) {
    std::vector<std::string> outputs;
    for (const Readiness& output : data_readiness(run_text(csv).log)) {
      EXPECT_EQ(output.ready, output.why.empty());
      if (!output.ready) outputs.push_back(output.output);
    }
    return outputs;
  };
  EXPECT_THAT(missing("order_id,item_id\n1,a\n1,b\n"),
              ElementsAre("after", "next_best", "habit", "embeddings", "windows", "prices", "margins", "categories"));
  EXPECT_THAT(missing("order_id,item_id\n1,a\n2,b\n"), ::testing::Contains("evaluation"));
  EXPECT_THAT(missing("order_id,customer_id,item_id,ordered_at,unit_price\n1,9,a,2026-01-01,1\n"),
              ElementsAre("together", "margins", "categories"));
}

TEST(IngestValues, AmountsAreExactToATenThousandth) {
  EXPECT_EQ(parse_amount("2.55"), 25'500);
  EXPECT_EQ(parse_amount("-0.0001"), -1);
  EXPECT_EQ(parse_amount("12"), 120'000);
  EXPECT_EQ(parse_amount("0.00005"), 1);
  EXPECT_EQ(parse_amount("0.00004999"), 0);
  EXPECT_EQ(parse_amount("-0.00005"), -1);
  EXPECT_EQ(parse_amount("1.5e3"), 15'000'000);
  EXPECT_EQ(parse_amount(".5"), 5'000);
  EXPECT_EQ(parse_amount("-900000000000.1234"), -9'000'000'000'001'234);
  EXPECT_EQ(amount_of(0.1 + 0.2), 3'000);
  EXPECT_EQ(amount_of(9.9), 99'000);
  for (const char* text : {"", "1,5", "1 000", "$5", "five", "1e30", "-1.1e12", "inf", "nan", "1.2.3", "--1"})
    EXPECT_FALSE(parse_amount(text)) << text;
  EXPECT_FALSE(amount_of(std::int64_t{1'000'000'000'000'000}));
  EXPECT_FALSE(amount_of(std::numeric_limits<double>::quiet_NaN()));
}

}  // namespace
}  // namespace nextbest
