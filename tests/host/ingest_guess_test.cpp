#include <cstdlib>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "host/ingest/guess.hpp"
#include "host/ingest/guess_rules.hpp"
#include "host/job/job.hpp"
#include "kernels/core/error.hpp"
#include "tests/host/ingest_testing.hpp"

namespace nextbest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

class IngestGuess : public IngestTest {
 protected:
  /// The guessed job, read back by the program's own reader.
  Job guess(const std::vector<std::string>& paths) {
    text_ = guess_job_file(paths);
    return read_job(write("job.toml", text_));
  }
  /// The same for the shared real data; skips without them.
  Job guess_real(const std::vector<std::string>& names) {
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back(std::string(std::getenv("NEXTBEST_TEST_DATA")) + "/" + name);
    return guess(paths);
  }
  std::string text_;
};

TEST_F(IngestGuess, UsualSpellingsAndACatalogueBesideThem) {
  write("data/lines.csv",
        "ticket_no;cust_key;sku;sold;ts;qty;price\n"
        "T1;7;0012;a;2026-01-02T10:00:00;1;2.50\nT1;7;0013;b;2026-01-02T10:00:00;2;1.25\n"
        "T2;;0012;a;2026-01-03T10:00:00;1;2.50\n");
  write("data/products.csv",
        "sku,product_name,dept,sub_category,brand\n0012,Tea,Food,Hot "
        "drinks,A\n0013,Mug,Home,Mugs,B\n0014,Cup,Home,Cups,B\n");
  const Job job = guess({path("data")});
  EXPECT_THAT(job.orders.path, ElementsAre(path("data/lines.csv")));
  EXPECT_THAT(job.orders.columns, UnorderedElementsAre(Pair("order_id", "ticket_no"), Pair("customer_id", "cust_key"),
                                                       Pair("item_id", "sku"), Pair("ordered_at", "ts"),
                                                       Pair("quantity", "qty"), Pair("unit_price", "price")));
  EXPECT_THAT(job.items.columns,
              UnorderedElementsAre(Pair("item_id", "sku"), Pair("name", "product_name"), Pair("brand", "brand")));
  EXPECT_THAT(job.items.category, ElementsAre("dept", "sub_category"));
  EXPECT_EQ(text_of(run(job).log), "T1/0012x1@2.5 0013x2@1.25 | T2/0012x1@2.5");
}

TEST_F(IngestGuess, ReturnsPrefixAndOverlap) {
  std::string first = "InvoiceNo,StockCode,Quantity\n", second = first;
  for (int order = 0; order < 20; ++order) first += fmt::format("{},10{},2\n", 1000 + order, 100 + order);
  for (int order = 0; order < 3; ++order) first += fmt::format("C{},10105,-1\n", 2000 + order);
  second += "1019,10119,2\n1020,10120,2\n";
  const Job job = guess({write("a.csv", first), write("b.csv", second)});
  EXPECT_EQ(job.clean.cancelled_order_prefix, "C");
  EXPECT_TRUE(job.clean.repeated_orders_first_file);
  EXPECT_THAT(job.orders.path, ElementsAre(path("a.csv"), path("b.csv")));
}

TEST_F(IngestGuess, CodesThatAreNoProducts) {
  std::vector<std::string> ids;
  for (int i = 0; i < 400; ++i) ids.push_back(std::to_string(20000 + i) + "A");
  for (const char* code : {"POST", "D", "BANK CHARGES", "AMAZONFEE", "gift_0001_20", "DCGSSBOY"})
    ids.emplace_back(code);
  EXPECT_THAT(codes_that_are_no_products(ids), ElementsAre("AMAZONFEE", "BANK CHARGES", "D", "POST", "gift_*"));
  EXPECT_THAT(codes_that_are_no_products({"tea", "mug", "post", "cup"}), IsEmpty());  // ids are words here
  EXPECT_THAT(codes_that_are_no_products({"1", "22", "333"}), IsEmpty());
}

TEST_F(IngestGuess, TypedColumnsAndNoOrderId) {
  using arrow::TimeUnit;
  const std::string file =
      write_parquet("x.parquet", {{"userId", make(arrow::int64(), "[1, 1, 2]")},
                                  {"productId", make(arrow::utf8(), R"(["a", "b", "a"])")},
                                  {"when", make(arrow::timestamp(TimeUnit::MILLI), "[0, 1000, 86400000]")}});
  const Job job = guess({file});
  EXPECT_THAT(job.orders.columns, UnorderedElementsAre(Pair("customer_id", "userId"), Pair("item_id", "productId"),
                                                       Pair("ordered_at", "when")));
  EXPECT_THAT(text_, HasSubstr("the lines of one customer on one day are one order"));
}

TEST_F(IngestGuess, ATimeThatCannotBeReadIsNotMapped) {
  const Job job = guess({write("x.csv", "order,item,order_date\n1,a,12/31/2025\n1,b,12/31/2025\n2,a,12/31/2025\n")});
  EXPECT_EQ(job.orders.columns.count("ordered_at"), 0u);
  EXPECT_THAT(text_, HasSubstr("\"order_date\" looks like a time"));
}

TEST_F(IngestGuess, SaysWhatItSawWhenItUnderstandsNothing) {
  try {
    guess({write("x.csv", "alpha,beta\n1,2\n")});
    FAIL();
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("\"alpha\", \"beta\""));
  }
}

TEST_F(IngestGuess, NotesBesideTheTablesDoNotMatter) {
  write("data/README.txt", "A note, with a \"quote\" and one \"that is open\nmore, of it\n");
  write("data/broken.parquet", "nothing");
  write("data/lines.csv", "order_id,item_id\n1,a\n1,b\n");
  EXPECT_THAT(guess({path("data")}).orders.path, ElementsAre(path("data/lines.csv")));
}

TEST_F(IngestGuess, CustomersAreNeverQuoted) {
  guess({write("x.csv", "order_id,customer_id,item_id\n1,secret7,a\n2,secret8,b\n")});
  EXPECT_THAT(text_, Not(HasSubstr("secret")));
}

TEST_F(IngestGuess, RealRetailers) {
  if (std::getenv("NEXTBEST_TEST_DATA") == nullptr) GTEST_SKIP() << "NEXTBEST_TEST_DATA is not set";
  Job job =
      guess_real({"online_retail/online_retail_2009_2010.csv.gz", "online_retail/online_retail_2010_2011.csv.gz"});
  EXPECT_THAT(job.orders.columns, UnorderedElementsAre(Pair("order_id", "InvoiceNo"), Pair("customer_id", "CustomerID"),
                                                       Pair("item_id", "StockCode"), Pair("ordered_at", "InvoiceDate"),
                                                       Pair("quantity", "Quantity"), Pair("unit_price", "UnitPrice"),
                                                       Pair("item_name", "Description")));
  EXPECT_EQ(job.clean.cancelled_order_prefix, "C");
  EXPECT_TRUE(job.clean.repeated_orders_first_file);
  EXPECT_THAT(job.clean.not_products, testing::IsSupersetOf({"POST", "D", "M", "BANK CHARGES", "AMAZONFEE"}));
  job = guess_real({"complete_journey"});
  EXPECT_THAT(job.orders.columns,
              UnorderedElementsAre(Pair("order_id", "basket_id"), Pair("customer_id", "household_id"),
                                   Pair("item_id", "product_id"), Pair("ordered_at", "transaction_timestamp"),
                                   Pair("quantity", "quantity"), Pair("line_value", "sales_value")));
  EXPECT_THAT(job.items.category, ElementsAre("department", "product_category", "product_type"));
  job = guess_real({"instacart_baskets"});
  EXPECT_THAT(job.items.category, ElementsAre("department_id", "aisle_id"));
  job = guess_real({"groceries"});
  EXPECT_THAT(job.items.category, ElementsAre("level1", "level2"));
  job = guess_real({"beibei/buy.train.txt.gz"});
  EXPECT_THAT(job.orders.columns, UnorderedElementsAre(Pair("customer_id", "uid"), Pair("item_id", "sid")));
}

}  // namespace
}  // namespace nextbest
