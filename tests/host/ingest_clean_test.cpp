#include <gmock/gmock.h>

#include "host/ingest/clean.hpp"
#include "kernels/core/error.hpp"
#include "tests/host/ingest_testing.hpp"

namespace nextbest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kHead = "order_id,customer_id,item_id,ordered_at,quantity,unit_price\n";

class IngestClean : public IngestTest {
 protected:
  Job job_with(const std::string& lines) { return job_of({write("orders.csv", kHead + lines)}); }
};

TEST_F(IngestClean, AReturnTakesFromTheMostRecentEarlierPurchases) {
  const IngestResult result =
      run(job_with("1,9,tea,2026-01-01,3,2\n"
                   "2,9,tea,2026-01-02,2,2\n"
                   "3,9,tea,2026-01-03,-4,2\n"    // all of order 2, two of order 1
                   "4,9,tea,2026-01-04,5,2\n"     // later: untouched
                   "5,8,tea,2026-01-02,1,2\n"));  // another customer
  EXPECT_EQ(text_of(result.log), "5/teax1@2 | 1/teax1@2 | 4/teax5@2");
  EXPECT_EQ(finding(result.quality, "returns").lines, 1);
  EXPECT_EQ(finding(result.quality, "returns").action, "netted");
  EXPECT_EQ(finding(result.quality, "returned_purchases").lines, 1);
  EXPECT_EQ(finding(result.quality, "unmatched_returns").lines, 0);
  EXPECT_EQ(result.quality.read.lines, 5);
  EXPECT_EQ(result.quality.clean.lines, 3);
  EXPECT_EQ(result.quality.read.value, (3 + 2 - 4 + 5 + 1) * 2 * kUnit);
  EXPECT_EQ(result.quality.clean.value, 7 * 2 * kUnit);
}

TEST_F(IngestClean, AReturnWithoutPurchaseIsDroppedAndCounted) {
  const IngestResult result =
      run(job_with("1,9,tea,2026-01-02,1,2\n"
                   "2,9,mug,2026-01-03,-1,4\n"
                   "3,9,tea,2026-01-01,-1,2\n"));  // before the purchase
  EXPECT_EQ(text_of(result.log), "1/teax1@2");
  EXPECT_EQ(finding(result.quality, "unmatched_returns").lines, 2);
  EXPECT_THAT(finding(result.quality, "unmatched_returns").examples,
              ElementsAre(path("orders.csv") + ":3 order_id=2 item_id=mug quantity=-1 unit_price=4",
                          path("orders.csv") + ":4 order_id=3 item_id=tea quantity=-1 unit_price=2"));
}

TEST_F(IngestClean, ReturnsInTheSameMomentAndOfAnonymousOrders) {
  const IngestResult result =
      run(job_with("1,9,tea,2026-01-01,-1,2\n1,9,tea,2026-01-01,3,2\n"   // corrected at the till
                   "2,,mug,2026-01-01,2,4\n2,,mug,2026-01-01,-2,4\n"     // nobody's order, undone
                   "3,,mug,2026-01-02,1,4\n4,,mug,2026-01-03,-1,4\n"));  // nobody's return in another order: unmatched
  EXPECT_EQ(text_of(result.log), "1/teax2@2 | 3/mugx1@4");
  EXPECT_EQ(finding(result.quality, "unmatched_returns").lines, 1);
}

TEST_F(IngestClean, ReturnsDropAndKeep) {
  Job job = job_with("1,9,tea,2026-01-01,3,2\n2,9,tea,2026-01-02,-1,2\n");
  job.clean.returns = Returns::kDrop;
  EXPECT_EQ(text_of(run(job).log), "1/teax3@2");
  job.clean.returns = Returns::kKeep;
  EXPECT_EQ(text_of(run(job).log), "1/teax3@2 | 2/teax-1@2");
  EXPECT_EQ(finding(run(job).quality, "returns").action, "kept");
}

TEST_F(IngestClean, CancelledOrdersByPrefix) {
  Job job = job_of({write(
      "o.csv",
      "order_id,customer_id,item_id,ordered_at\n1,9,tea,2026-01-01\n1,9,mug,2026-01-01\nC1,9,tea,2026-01-02\n")});
  EXPECT_EQ(text_of(run(job).log), "1/mug tea | C1/tea");
  job.clean.cancelled_order_prefix = "C";
  EXPECT_EQ(text_of(run(job).log), "1/mug");  // one piece, one cancellation: the line is undone
}

TEST_F(IngestClean, ReturnedQuantityColumn) {
  const std::string csv =
      "order_id,item_id,quantity,returned_quantity,line_value\n1,tea,4,1,10\n1,mug,2,2,6\n1,cup,1,,3\n";
  EXPECT_EQ(text_of(run_text(csv).log), "1/cupx1@3 teax3@2.5");
  EXPECT_EQ(finding(run_text(csv).quality, "returns").lines, 2);
}

TEST_F(IngestClean, ReturnsStayWithinTheirSplit) {
  const IngestResult result = run_text(
      "order_id,customer_id,item_id,ordered_at,quantity,split\n"
      "1,9,tea,2026-01-01,1,train\n2,9,tea,2026-01-05,-1,test\n3,9,mug,2026-01-05,1,test\n");
  EXPECT_EQ(text_of(result.log), "1/teax1 | 3/mugx1");
}

TEST_F(IngestClean, NotProducts) {
  Job job =
      job_with("1,9,tea,2026-01-01,1,2\n1,9,POST,2026-01-01,1,4\n1,9,gift_20,2026-01-01,1,20\n2,9,M,2026-01-02,1,1\n");
  job.clean.not_products = {"POST", "gift_*", "M"};
  const IngestResult result = run(job);
  EXPECT_EQ(text_of(result.log), "1/teax1@2");
  EXPECT_EQ(finding(result.quality, "not_products").lines, 3);
  EXPECT_DOUBLE_EQ(finding(result.quality, "not_products").share, 0.75);
  EXPECT_EQ(result.quality.clean.items, 1);
  EXPECT_EQ(result.quality.clean.orders, 1);
}

TEST_F(IngestClean, DuplicatesMergeFirstError) {
  Job job = job_with("1,9,tea,2026-01-01,1,2\n1,9,mug,2026-01-01,1,4\n1,9,tea,2026-01-01,3,4\n");
  IngestResult result = run(job);
  EXPECT_EQ(text_of(result.log), "1/mugx1@4 teax4@3.5");  // (1 * 2 + 3 * 4) / 4
  EXPECT_EQ(finding(result.quality, "duplicates").lines, 1);
  EXPECT_EQ(finding(result.quality, "duplicates").action, "merged");
  job.clean.duplicates = Duplicates::kFirst;
  EXPECT_EQ(text_of(run(job).log), "1/mugx1@4 teax1@2");
  job.clean.duplicates = Duplicates::kError;
  const std::string message = refusal<DataError>(job);
  EXPECT_THAT(message, HasSubstr("orders.csv:4 order_id=1 item_id=tea"));
  EXPECT_THAT(message, HasSubstr("orders.csv:2"));
}

TEST_F(IngestClean, LineValuesMergeAndDivide) {
  EXPECT_EQ(text_of(run_text("order_id,item_id,quantity,line_value\n1,tea,2,5\n1,tea,1,4\n1,mug,3,1\n1,cup,0,0\n").log),
            "1/cupx0@? mugx3@0.3333 teax3@3");
  EXPECT_EQ(run_text("order_id,item_id,quantity,line_value\n1,tea,3,1\n").quality.read.value, kUnit);
}

TEST_F(IngestClean, ZeroPriceAndZeroQuantity) {
  Job job = job_with("1,9,tea,2026-01-01,1,0\n1,9,mug,2026-01-01,0,4\n1,9,cup,2026-01-01,1,\n");
  EXPECT_EQ(text_of(run(job).log), "1/cupx1@? mugx0@4 teax1@0");
  EXPECT_EQ(finding(run(job).quality, "zero_price").action, "kept");
  EXPECT_EQ(finding(run(job).quality, "zero_quantity").lines, 1);
  job.clean.drop_zero_price = true;
  EXPECT_EQ(text_of(run(job).log), "1/cupx1@? mugx0@4");
}

TEST_F(IngestClean, RepeatedOrders) {
  const std::string head = "order_id,item_id\n";
  Job job = job_of({write("a.csv", head + "1,a\n1,b\n2,a\n"), write("b.csv", head + "2,a\n2,c\n3,c\n")});
  IngestResult result = run(job);
  EXPECT_EQ(text_of(result.log), "1/a b | 2/a c | 3/c");
  EXPECT_EQ(finding(result.quality, "repeated_orders").lines, 2);
  EXPECT_EQ(finding(result.quality, "repeated_orders").action, "kept");
  job.clean.repeated_orders_first_file = true;
  result = run(job);
  EXPECT_EQ(text_of(result.log), "1/a b | 2/a | 3/c");
  EXPECT_EQ(result.quality.read.lines, 6);
  EXPECT_EQ(result.quality.distinct.lines, 4);
  EXPECT_THAT(finding(result.quality, "repeated_orders").examples[0], HasSubstr("b.csv:2 order_id=2"));
}

TEST_F(IngestClean, BulkCustomers) {
  std::string lines;
  for (int customer = 0; customer < 200; ++customer) lines += fmt::format("{0},{0},tea,2026-01-01,1,1\n", customer);
  for (int line = 0; line < 1001; ++line) lines += fmt::format("{},900,tea,2026-01-01,1,1\n", 1000 + line);
  Job job = job_with(lines);
  EXPECT_EQ(run(job).quality.clean.customers, 201);
  EXPECT_EQ(finding(run(job).quality, "bulk_customers").lines, 1001);
  job.clean.drop_bulk_customers = true;
  EXPECT_EQ(run(job).quality.clean.customers, 200);
}

TEST_F(IngestClean, FutureTimestampsAreDroppedButNotOfTestLines) {
  const std::string csv =
      "order_id,customer_id,item_id,ordered_at,split\n1,9,a,2026-01-01,train\n2,9,b,2026-03-01,train\n3,9,c,2026-04-01,"
      "test\n";
  IngestOptions options;
  options.now = 20485 * kMicrosPerDay;  // 2026-02-01
  const IngestResult result = run(job_of({write("o.csv", csv)}), options);
  EXPECT_EQ(text_of(result.log), "1/a | 3/c");
  EXPECT_EQ(finding(result.quality, "future_timestamps").lines, 1);
  EXPECT_EQ(result.log.as_of, 20454 * kMicrosPerDay);  // the train line
  EXPECT_EQ(result.log.first_time, result.log.as_of);
}

TEST_F(IngestClean, VolumeDrop) {
  const auto log_of = [&](int last_week) {
    std::string lines;
    int order = 0;
    for (int day = 0; day < 70; ++day) {
      const int orders = day >= 63 ? last_week : 10;
      const Micros time = (20000 + day) * std::int64_t{86'400};
      for (int i = 0; i < orders || (day == 69 && i == 0); ++i) lines += fmt::format("{},9,a,{},1,1\n", order++, time);
    }
    return run(job_with(lines));
  };
  const RuleFinding drop = finding(log_of(5).quality, "volume_drop");
  EXPECT_EQ(drop.lines, 35);
  EXPECT_DOUBLE_EQ(drop.share, 0.5);
  EXPECT_EQ(finding(log_of(12).quality, "volume_drop").rule, "");
}

TEST_F(IngestClean, NothingLeft) {
  Job job = job_with("1,9,POST,2026-01-01,1,2\n");
  job.clean.not_products = {"POST"};
  EXPECT_THAT(refusal<DataError>(job), HasSubstr("not_products dropped 1"));
}

TEST_F(IngestClean, ReportsWithoutCustomerIds) {
  const IngestResult result = run(job_with("1,secret,tea,2026-01-01,-1,2\n2,secret,tea,2026-01-02,1,0\n"));
  for (const RuleFinding& rule : result.quality.findings) {
    for (const std::string& example : rule.examples) EXPECT_THAT(example, testing::Not(HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace nextbest
