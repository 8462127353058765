#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/ingest/ingest.hpp"
#include "host/synth/customer.hpp"
#include "host/synth/synth.hpp"
#include "host/synth/world.hpp"
#include "kernels/core/error.hpp"
#include "models/pairs/pair_table.hpp"
#include "tests/host/read_table.hpp"
#include "tests/host/sample_log.hpp"

namespace nextbest {
namespace {

using testing_support::read_parquet;
using testing_support::read_text;
using testing_support::ReadTable;
using testing_support::TempFolder;
using IdPair = std::pair<std::string, std::string>;

SynthParams small() {
  SynthParams params;
  params.lines = 120'000;
  params.items = 1'000;
  params.customers = 3'000;
  return params;
}

std::set<IdPair> truth(const std::filesystem::path& path) {
  std::set<IdPair> pairs;
  for (const std::vector<std::string>& row : read_parquet(path).rows) pairs.insert({row[0], row[1]});
  return pairs;
}

bool holds_either_way(const std::set<IdPair>& pairs, const std::string& a, const std::string& b) {
  return pairs.contains({a, b}) || pairs.contains({b, a});
}

/// The retailer as the program sees it: written to files and read again.
OrderLog ingest_synth(const std::filesystem::path& folder) {
  Job job = read_job((folder / "job.toml").string());
  IngestOptions options;
  SilentReporter reporter;
  return ingest(job, options, reporter).log;
}

class PlantedTruth : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TempFolder;
    SilentReporter reporter;
    report_ = write_synth(small(), folder_->path(), reporter);
    log_ = ingest_synth(folder_->path());
  }
  static void TearDownTestSuite() { delete folder_; }

  static PairTable pairs(bool by_customer) {
    PairsParams params;
    params.half_life_days = 0;
    params.top_per_item = 10;
    Context ctx;
    ctx.threads = 2;
    const HistoryView history = log_.history();
    return count_pairs(ctx, by_customer ? customer_window_units(history, params) : order_units(history, params),
                       params);
  }
  static std::string id(Code code) { return log_.items.text(code); }

  static inline TempFolder* folder_ = nullptr;
  static inline SynthReport report_;
  static inline OrderLog log_;
};

TEST_F(PlantedTruth, TheReportTellsWhatWasWritten) {
  EXPECT_NEAR(static_cast<double>(report_.lines), 120'000, 12'000);
  EXPECT_EQ(report_.complements, 10);
  EXPECT_EQ(truth(*folder_ / "truth/complements.parquet").size(), 10U);
  EXPECT_EQ(read_parquet(*folder_ / "items.parquet").rows.size(), 1'000U);
  EXPECT_LE(log_.customers.size(), 3'000);
  EXPECT_GT(log_.customers.size(), 2'500);
}

TEST_F(PlantedTruth, ComplementsComeBackAsTheBestPairs) {
  const std::set<IdPair> planted = truth(*folder_ / "truth/complements.parquet");
  const PairTable table = pairs(false);
  std::size_t found = 0;
  std::vector<std::pair<float, bool>> best;
  for (Code a = 0; a < static_cast<Code>(log_.items.size()); ++a) {
    for (Offset p = table.offset[a]; p < table.offset[a + 1]; ++p) {
      const bool is_planted = planted.contains({id(a), id(table.item[p])});
      if (is_planted && p < table.offset[a] + 3) ++found;
      if (a < table.item[p]) best.emplace_back(table.score[p], holds_either_way(planted, id(a), id(table.item[p])));
    }
  }
  std::sort(best.rbegin(), best.rend());
  best.resize(planted.size());
  const auto hits = std::count_if(best.begin(), best.end(), [](const auto& pair) { return pair.second; });
  const double recall = static_cast<double>(found) / static_cast<double>(planted.size());
  const double precision = static_cast<double>(hits) / static_cast<double>(best.size());
  RecordProperty("recall_at_3", std::to_string(recall));
  RecordProperty("precision_of_the_best", std::to_string(precision));
  EXPECT_GE(recall, 0.95);
  EXPECT_GE(precision, 0.9);
}

TEST_F(PlantedTruth, NoSubstituteIsAmongThePairsOfOrdersOrOfCustomers) {
  const std::set<IdPair> planted = truth(*folder_ / "truth/substitutes.parquet");
  ASSERT_EQ(planted.size(), 10U);
  for (const bool by_customer : {false, true}) {
    const PairTable table = pairs(by_customer);
    ASSERT_GT(table.item.size(), 500U);
    for (Code a = 0; a < static_cast<Code>(log_.items.size()); ++a) {
      for (Offset p = table.offset[a]; p < table.offset[a + 1]; ++p) {
        EXPECT_FALSE(holds_either_way(planted, id(a), id(table.item[p]))) << id(a) << " " << id(table.item[p]);
      }
    }
  }
}

TEST_F(PlantedTruth, FollowUpsComeAfterTheirLag) {
  std::map<IdPair, std::vector<double>> lags;
  for (const std::vector<std::string>& row : read_parquet(*folder_ / "truth/follow_ups.parquet").rows) {
    lags[{row[0], row[1]}];
    const Code a = static_cast<Code>(log_.items.find(row[0]).value());
    const Code b = static_cast<Code>(log_.items.find(row[1]).value());
    std::vector<double> found;
    for (std::size_t c = 0; c + 1 < log_.customer_offset.size(); ++c) {
      Micros since = kNoTime;
      for (Offset basket = log_.customer_offset[c]; basket < log_.customer_offset[c + 1]; ++basket) {
        const auto items = log_.history().basket(basket);
        if (since != kNoTime && std::binary_search(items.begin(), items.end(), b)) {
          found.push_back(static_cast<double>(log_.basket_time[basket] - since) / kMicrosPerDay);
          since = kNoTime;
        }
        if (std::binary_search(items.begin(), items.end(), a)) since = log_.basket_time[basket];
      }
    }
    ASSERT_GT(found.size(), 20U);
    std::sort(found.begin(), found.end());
    const double lag = std::stod(row[2]);
    const auto near =
        std::count_if(found.begin(), found.end(), [lag](double days) { return std::abs(days / lag - 1) < 0.5; });
    EXPECT_GT(static_cast<double>(near) / static_cast<double>(found.size()), 0.4) << row[0] << " lag " << lag;
  }
}

TEST_F(PlantedTruth, LaddersAreOnlyClimbed) {
  std::map<std::string, std::pair<int, int>> place;
  for (const std::vector<std::string>& row : read_parquet(*folder_ / "truth/ladders.parquet").rows) {
    place[row[2]] = {std::stoi(row[0]), std::stoi(row[1])};
  }
  std::map<Code, std::pair<int, int>> by_code;
  for (const auto& [item, where] : place) {
    if (const auto code = log_.items.find(item)) by_code[static_cast<Code>(*code)] = where;
  }
  for (std::size_t c = 0; c + 1 < log_.customer_offset.size(); ++c) {
    std::map<int, int> reached;
    for (Offset basket = log_.customer_offset[c]; basket < log_.customer_offset[c + 1]; ++basket) {
      std::map<int, int> here;
      for (const Code item : log_.history().basket(basket)) {
        if (!by_code.contains(item)) continue;
        const auto [ladder, tier] = by_code[item];
        EXPECT_GE(tier, reached[ladder]);
        here[ladder] = std::max(here[ladder], tier);
      }
      for (const auto& [ladder, tier] : here) reached[ladder] = tier;
    }
  }
}

TEST(Synth, ReturnsGoBackToAnEarlierOrder) {
  const World world(small());
  std::int64_t returns = 0, gifts = 0;
  for (std::int64_t c = 0; c < 500; ++c) {
    const std::vector<SynthOrder> life = synth_customer(world, c, 0.2);
    for (const SynthOrder& order : life) {
      EXPECT_GE(order.time, world.begin);
      EXPECT_LT(order.time, world.end);
      gifts += order.gift ? 1 : 0;
      if (order.returns < 0) continue;
      ++returns;
      const SynthOrder& bought = life.at(static_cast<std::size_t>(order.returns));
      EXPECT_LT(bought.time, order.time);
      for (const SynthLine& line : order.lines) {
        EXPECT_TRUE(std::any_of(bought.lines.begin(), bought.lines.end(), [&](const SynthLine& other) {
          return other.item == line.item && other.quantity == -line.quantity && other.price == line.price;
        }));
      }
    }
  }
  EXPECT_GT(returns, 20);
  EXPECT_GT(gifts, 20);
}

TEST(Synth, ThreadsDoNotChangeAByteAndSeedsDo) {
  SynthParams params = small();
  params.lines = 20'000;
  SilentReporter reporter;
  const TempFolder one;
  write_synth(params, one / "1", reporter);
  params.threads = 3;
  write_synth(params, one / "3", reporter);
  params.seed += 1;
  write_synth(params, one / "seed", reporter);
  const auto orders = [&](const char* name) { return read_text(one / name / "orders/part-00000.parquet"); };
  EXPECT_EQ(orders("1"), orders("3"));
  EXPECT_NE(orders("1"), orders("seed"));
}

TEST(Synth, WrongSizesAreUsageErrors) {
  SynthParams params;
  params.items = 99;
  EXPECT_THROW(params.validate(), UsageError);
  params = {};
  params.lines = 0;
  EXPECT_THROW(params.validate(), UsageError);
}

}  // namespace
}  // namespace nextbest
