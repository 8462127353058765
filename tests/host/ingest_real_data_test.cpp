#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "host/ingest/ingest.hpp"

namespace nextbest {
namespace {

class RealData : public testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("NEXTBEST_TEST_DATA");
    if (folder == nullptr) GTEST_SKIP() << "NEXTBEST_TEST_DATA is not set";
    folder_ = std::string(folder) + "/";
  }

  Job online_retail(const std::vector<std::string>& files) const {
    Job job;
    for (const std::string& file : files) job.orders.path.push_back(folder_ + "online_retail/" + file);
    job.orders.columns = {{"order_id", "InvoiceNo"},     {"item_id", "StockCode"}, {"customer_id", "CustomerID"},
                          {"ordered_at", "InvoiceDate"}, {"quantity", "Quantity"}, {"unit_price", "UnitPrice"},
                          {"item_name", "Description"}};
    return job;
  }

  IngestResult run(const Job& job) {
    SilentReporter silent;
    return ingest(job, {}, silent);
  }

  std::string folder_;
};

void expect_size(const DataSize& size, std::int64_t lines, std::int64_t orders, std::int64_t items,
                 std::int64_t customers) {
  EXPECT_EQ(size.lines, lines);
  EXPECT_EQ(size.orders, orders);
  EXPECT_EQ(size.items, items);
  EXPECT_EQ(size.customers, customers);
}

TEST_F(RealData, OnlineRetailYearHasThePublishedTotals) {
  const IngestResult result = run(online_retail({"online_retail_2010_2011.csv.gz"}));
  expect_size(result.quality.read, 541'909, 25'900, 4'070, 4'372);
  EXPECT_EQ(result.quality.read.value, 9'747'747'9340);  // published rounded, as 9,747,747.93
}

TEST_F(RealData, OnlineRetailUnionCountsTheOverlapOnce) {
  Job job = online_retail({"online_retail_2009_2010.csv.gz", "online_retail_2010_2011.csv.gz"});
  job.clean.repeated_orders_first_file = true;
  const IngestResult result = run(job);
  EXPECT_EQ(result.quality.read.lines, 525'461 + 541'909);
  expect_size(result.quality.distinct, 1'044'847, 53'628, 5'305, 5'942);
}

TEST_F(RealData, Instacart) {
  Job job;
  job.orders.path = {folder_ + "instacart_baskets/order_products__train.csv.gz"};
  job.orders.columns = {{"item_id", "product_id"}};
  job.items.path = {folder_ + "instacart_baskets/products.csv.gz"};
  job.items.columns = {{"item_id", "product_id"}, {"name", "product_name"}};
  job.items.category = {"department_id", "aisle_id"};
  const IngestResult result = run(job);
  expect_size(result.quality.read, 1'384'617, 131'209, 39'123, 0);
  expect_size(result.quality.clean, 1'384'617, 131'209, 39'123, 0);
  EXPECT_EQ(result.log.items.type(), IdType::kInt64);
  EXPECT_EQ(result.log.catalogue.category[0].names.size(), 21u);
  EXPECT_EQ(result.log.catalogue.category[1].names.size(), 134u);
}

TEST_F(RealData, GroceriesKeepTheZerosOfTheirIds) {
  Job job;
  job.orders.path = {folder_ + "groceries/baskets_long.csv.gz"};
  job.orders.columns = {{"order_id", "basket_id"}};
  job.items.path = {folder_ + "groceries/items.csv.gz"};
  job.items.columns = {{"name", "item_name"}};
  job.items.category = {"level1", "level2"};
  const IngestResult result = run(job);
  expect_size(result.quality.read, 43'367, 9'835, 169, 0);
  EXPECT_EQ(result.log.items.type(), IdType::kString);
  EXPECT_EQ(result.log.items.string_at(0), "011");
  EXPECT_EQ(result.log.catalogue.name[0], "frankfurter");
  EXPECT_EQ(result.log.catalogue.category[0].names.size(), 10u);
  EXPECT_EQ(result.log.catalogue.category[1].names.size(), 55u);
}

TEST_F(RealData, CompleteJourneySample) {
  Job job;
  job.orders.path = {folder_ + "complete_journey/transactions_sample.csv.gz"};
  job.orders.columns = {{"order_id", "basket_id"},
                        {"customer_id", "household_id"},
                        {"item_id", "product_id"},
                        {"ordered_at", "transaction_timestamp"},
                        {"line_value", "sales_value"}};
  job.items.path = {folder_ + "complete_journey/products.csv.gz"};
  job.items.columns = {{"item_id", "product_id"}, {"size", "package_size"}};
  job.items.category = {"department", "product_category", "product_type"};
  job.time_zone = "America/New_York";
  const IngestResult result = run(job);
  expect_size(result.quality.read, 75'000, 47'243, 20'902, 2'377);
  EXPECT_EQ(result.inputs[1].rows, 92'331);
  EXPECT_THAT(result.log.catalogue.brand.names, testing::ElementsAre("National", "Private"));
}

}  // namespace
}  // namespace nextbest
