#include <cmath>
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/export/tables.hpp"
#include "kernels/math/fixed_point.hpp"
#include "tests/host/read_table.hpp"
#include "tests/host/sample_log.hpp"

namespace nextbest {
namespace {

using testing::ElementsAre;
using testing_support::read_parquet;
using testing_support::ReadTable;
using testing_support::sample_log;
using testing_support::TempFolder;

std::string part(const std::string& table) {
  return table + "/part-00000.parquet";
}

double number(const ReadTable& table, std::size_t row, const std::string& name) {
  for (std::size_t c = 0; c < table.names.size(); ++c) {
    if (table.names[c].starts_with(name + ":")) return std::stod(table.rows[row][c]);
  }
  ADD_FAILURE() << "no column " << name;
  return 0;
}

/// Ten units; items 0, 1, 3 in 5, 4, 2 of them; {0, 1} together in 3, {0, 3} in 2.
PairTable sample_pairs() {
  PairTable pairs;
  pairs.offset = {0, 2, 3, 3, 4, 4};
  pairs.item = {1, 3, 0, 0};
  pairs.score = {0.5F, 0.25F, 0.5F, 0.25F};
  pairs.count = {3, 2, 3, 2};
  pairs.customers = {2, 1, 2, 1};
  pairs.expected = {1.5, 1, 1.5, 1};
  pairs.item_count = {5, 4, 0, 2, 0};
  pairs.units = 10;
  return pairs;
}

void write_pairs(const std::filesystem::path& folder, const PairTable& pairs) {
  const OrderLog log = sample_log();
  const auto table = open_pairs({folder, "pairs", TableFormat::kParquet}, log, "run-1");
  table->add(pairs);
  table->finish();
}

void write_lists(const std::filesystem::path& folder, const Recommendations& lists,
                 const std::vector<std::string>& sources, const Isotonic& probability = {}) {
  const OrderLog log = sample_log();
  const auto table = open_next_best({folder, "next_best", TableFormat::kParquet}, log, sources, "run-1", probability);
  table->add(lists);
  table->finish();
}

TEST(Tables, PairsHaveTheColumnsOfTheFormatInItsOrder) {
  const TempFolder folder;
  write_pairs(folder.path(), sample_pairs());
  const ReadTable table = read_parquet(folder / part("pairs"));
  EXPECT_THAT(table.names,
              ElementsAre("target_item_id: string", "item_id: string", "rank: int32", "score: float",
                          "n_orders_both: int64", "n_target: int64", "n_item: int64", "n_orders: int64",
                          "n_customers_both: int64", "support: double", "confidence: double", "confidence_lb95: double",
                          "expected: double", "lift: double", "shrunk_lift: double", "llr: double", "npmi: double",
                          "jaccard: double", "cosine: double", "slice: string", "source: string", "run_id: string"));
  ASSERT_EQ(table.rows.size(), 4U);
  const std::vector<std::string> first(table.rows[0].begin(), table.rows[0].begin() + 9);
  EXPECT_THAT(first, ElementsAre("007", "7", "1", "0.5", "3", "5", "4", "10", "2"));
  EXPECT_EQ(table.rows[1][1], "c");
  EXPECT_EQ(table.rows[1][2], "2");
  EXPECT_EQ(table.rows[2][2], "1");  // ranks begin again with every target
  EXPECT_EQ(table.rows[0][19], "all");
  EXPECT_EQ(table.rows[0][20], "together");
  EXPECT_EQ(table.rows[0][21], "run-1");
}

/// Worked out by hand from N = 3, n_target = 5, n_item = 4, U = 10, expected = 1.5.
TEST(Tables, PairsMeasuresFollowTheirDefinitions) {
  const TempFolder folder;
  write_pairs(folder.path(), sample_pairs());
  const ReadTable table = read_parquet(folder / part("pairs"));
  EXPECT_DOUBLE_EQ(number(table, 0, "support"), 0.3);
  EXPECT_DOUBLE_EQ(number(table, 0, "confidence"), 0.6);
  EXPECT_NEAR(number(table, 0, "confidence_lb95"), 0.2307, 1e-4);
  EXPECT_DOUBLE_EQ(number(table, 0, "expected"), 1.5);
  EXPECT_DOUBLE_EQ(number(table, 0, "lift"), 1.5);
  EXPECT_NEAR(number(table, 0, "shrunk_lift"), 8 / 6.5, 1e-5);
  const auto term = [](double k, double e) { return 2 * k * std::log(k / e); };
  EXPECT_NEAR(number(table, 0, "llr"), term(3, 2) + term(2, 3) + term(1, 2) + term(4, 3), 1e-5);
  EXPECT_NEAR(number(table, 0, "npmi"), std::log(1.5) / -std::log(0.3), 1e-5);
  EXPECT_DOUBLE_EQ(number(table, 0, "jaccard"), 0.5);
  EXPECT_NEAR(number(table, 0, "cosine"), 3 / std::sqrt(20), 1e-5);
}

TEST(Tables, WeightedPairsMeasureTheWeightsAndCountPlainly) {
  const TempFolder folder;
  PairTable pairs = sample_pairs();
  pairs.weight = {to_fixed(1.5), to_fixed(1), to_fixed(1.5), to_fixed(1)};
  pairs.item_weight = {to_fixed(2), to_fixed(3), 0, to_fixed(1), 0};
  pairs.units_weight = to_fixed(6);
  pairs.customers.clear();
  write_pairs(folder.path(), pairs);
  const ReadTable table = read_parquet(folder / part("pairs"));
  EXPECT_EQ(number(table, 0, "n_orders_both"), 3);
  EXPECT_EQ(number(table, 0, "n_orders"), 10);
  EXPECT_DOUBLE_EQ(number(table, 0, "support"), 0.25);
  EXPECT_DOUBLE_EQ(number(table, 0, "confidence"), 0.75);
  EXPECT_DOUBLE_EQ(number(table, 0, "lift"), 1.5);
  EXPECT_EQ(table.rows[0][8], "null");  // without customers nothing can be said of them
}

TEST(Tables, NextBestSaysWhyAListIsShort) {
  Recommendations lists;
  lists.k = 2;
  lists.customer = {0, 2};
  lists.item = {3, 0, 4, kNoCode};
  lists.score = {2, 1, 3, 0};
  lists.source = {1, 0, 0, 0};
  const TempFolder folder;
  write_lists(folder.path(), lists, {"habit", "popularity"});
  const ReadTable table = read_parquet(folder / part("next_best"));
  EXPECT_THAT(table.names,
              ElementsAre("customer_id: uint64", "rank: int32", "item_id: string", "score: float", "source: string",
                          "rec_id: string", "run_id: string", "short_list_reason: string"));
  ASSERT_EQ(table.rows.size(), 3U);
  EXPECT_THAT(table.rows[0],
              ElementsAre("1", "1", "c", "2", "popularity", rec_id_of("run-1", "1", "", "c"), "run-1", "null"));
  EXPECT_THAT(table.rows[1],
              ElementsAre("1", "2", "007", "1", "habit", rec_id_of("run-1", "1", "", "007"), "run-1", "null"));
  EXPECT_EQ(table.rows[2][0], "9223372036854775808");
  EXPECT_EQ(table.rows[2][7], "fewer_eligible_items");
  write_lists(folder.path(), lists, {"habit", "ials"});
  EXPECT_EQ(read_parquet(folder / part("next_best")).rows[2][7], "fewer_candidates");
  write_lists(folder.path(), lists, {"habit", "ials"}, {{0, 4}, {0, 0.5f}});
  const ReadTable calibrated = read_parquet(folder / part("next_best"));
  EXPECT_EQ(calibrated.names[4], "p_buy: float");
  EXPECT_EQ(number(calibrated, 0, "p_buy"), 0.25);
}

TEST(Tables, RecIdTellsItsPartsApart) {
  const std::string id = rec_id_of("run", "customer", "cart", "item");
  EXPECT_EQ(id.size(), 16U);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(id, rec_id_of("run", "customer", "cart", "item"));
  EXPECT_NE(id, rec_id_of("run", "customerc", "art", "item"));
  EXPECT_NE(id, rec_id_of("run2", "customer", "cart", "item"));
}

TEST(Tables, IdMapHoldsIdsAsTextOnlyWhereTheirTypesDiffer) {
  const TempFolder folder;
  OrderLog log = sample_log();
  write_id_map({folder.path(), "id_map", TableFormat::kParquet}, log);
  ReadTable table = read_parquet(folder / part("id_map"));
  EXPECT_THAT(table.names, ElementsAre("kind: string", "id: string", "code: int32"));
  ASSERT_EQ(table.rows.size(), 8U);
  EXPECT_THAT(table.rows[2], ElementsAre("customer", "9223372036854775808", "2"));
  EXPECT_THAT(table.rows[3], ElementsAre("item", "007", "0"));

  log.items = Dictionary::of_uint64({3, 4, 5, 6, 7});
  write_id_map({folder.path(), "id_map", TableFormat::kParquet}, log);
  table = read_parquet(folder / part("id_map"));
  EXPECT_EQ(table.names[1], "id: uint64");
  EXPECT_THAT(table.rows[3], ElementsAre("item", "3", "0"));
}

TEST(Tables, EmbeddingsAreListsOfFixedSize) {
  const TempFolder folder;
  const std::vector<float> items{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, customers{10, 11, 12, 13, 14, 15};
  write_embeddings_table({folder.path(), "embeddings", TableFormat::kParquet}, sample_log(), {items.data(), 5, 2},
                         {customers.data(), 3, 2});
  const ReadTable table = read_parquet(folder / part("embeddings"));
  ASSERT_EQ(table.rows.size(), 8U);
  EXPECT_THAT(table.names[2], testing::StartsWith("factors: fixed_size_list<"));
  EXPECT_THAT(table.rows[1][2], testing::AllOf(testing::HasSubstr("12"), testing::HasSubstr("13")));
  EXPECT_THAT(table.rows[7][2], testing::AllOf(testing::HasSubstr("8"), testing::HasSubstr("9")));
}

TEST(Tables, EmbeddingsAsNumpyArrays) {
  const TempFolder folder;
  const std::vector<float> items{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, customers{10, 11, 12, 13, 14, 15};
  const auto files = write_embeddings_npy(folder.path(), "export/embeddings", sample_log(), {items.data(), 5, 2},
                                          {customers.data(), 3, 2});
  ASSERT_EQ(files.size(), 4U);
  const std::string bytes = testing_support::read_text(folder / files[0].path);
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  EXPECT_THAT(bytes, testing::HasSubstr("{'descr': '<f4', 'fortran_order': False, 'shape': (5, 2,), }"));
  EXPECT_EQ(bytes.size() % 64, 40U);  // header in steps of 64, then 10 floats
  EXPECT_EQ(bytes.substr(bytes.size() - 40), std::string(reinterpret_cast<const char*>(items.data()), 40));
  const std::string ids = testing_support::read_text(folder / files[1].path);
  EXPECT_THAT(ids, testing::HasSubstr("'<U3'"));
  EXPECT_THAT(testing_support::read_text(folder / files[3].path), testing::HasSubstr("'<u8'"));
}

/// For tests/python/test_tables.py, which reads the files as users do.
TEST(Tables, LeavesSamplesWhereAsked) {
  const char* folder = std::getenv("NEXTBEST_SAMPLE_DIR");
  if (folder == nullptr) GTEST_SKIP() << "NEXTBEST_SAMPLE_DIR names no folder";
  const std::vector<float> items{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, customers{10, 11, 12, 13, 14, 15};
  write_embeddings_npy(folder, "npy", sample_log(), {items.data(), 5, 2}, {customers.data(), 3, 2});
  write_embeddings_table({folder, "embeddings", TableFormat::kParquet}, sample_log(), {items.data(), 5, 2},
                         {customers.data(), 3, 2});
  write_pairs(folder, sample_pairs());
}

TEST(Tables, EvaluationListsGoByCustomerThenSource) {
  EvaluationSet set;
  set.customer = {0, 2};
  const RankedLists blend{"blend", 2, {1, 2, 3, kNoCode}, {4, 3, 2, 0}, {0, 0, 0, 0}};
  const RankedLists als{"als", 1, {4, kNoCode}, {1, 0}, {}};
  const TempFolder folder;
  write_evaluation_lists({folder.path(), "evaluation_lists", TableFormat::kParquet}, sample_log(), set, {blend, als});
  const ReadTable table = read_parquet(folder / part("evaluation_lists"));
  EXPECT_THAT(table.names,
              ElementsAre("customer_id: uint64", "rank: int32", "item_id: string", "score: float", "source: string"));
  ASSERT_EQ(table.rows.size(), 4U);
  EXPECT_THAT(table.rows[0], ElementsAre("1", "1", "\xc3\xa9", "1", "als"));
  EXPECT_THAT(table.rows[1], ElementsAre("1", "1", "7", "4", "blend"));
  EXPECT_THAT(table.rows[2], ElementsAre("1", "2", "b", "3", "blend"));
  EXPECT_THAT(table.rows[3], ElementsAre("9223372036854775808", "1", "c", "2", "blend"));
}

}  // namespace
}  // namespace nextbest
