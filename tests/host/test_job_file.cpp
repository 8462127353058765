#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/job/job.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kLeast = "[input.orders]\npath = \"orders.csv\"\n";

std::string refusal(const std::string& text, const std::vector<std::string>& set = {}) {
  try {
    parse_job(text, "weekly.toml", set);
  } catch (const UsageError& error) {
    EXPECT_EQ(error.exit_code(), ExitCode::kUsage);
    return error.what();
  }
  return "accepted";
}

TEST(JobFile, TwoLinesAreEnough) {
  const Job job = parse_job(kLeast + "[job]\nout_dir = \"here\"\n", "weekly.toml");
  EXPECT_THAT(job.orders.path, ElementsAre("orders.csv"));
  EXPECT_EQ(job.out_dir, "here");
  EXPECT_EQ(job.pairs.min_orders, 3);
  EXPECT_EQ(job.embeddings.factors, 128);
  EXPECT_FALSE(job.evaluate.split_given);
}

TEST(JobFile, TakesEveryKeyOfTheFormat) {
  const Job job = parse_job(R"(
schema_version = 1
[job]
name = "weekly"
as_of = 2026-01-31
seed = 7
out_dir = "out"
resume = "auto"
[device]
kind = "cpu"
max_device_memory = "80%"
max_host_memory = "64GiB"
on_over_budget = "fail"
[input.orders]
path = ["a/*.parquet", "b.csv"]
[input.orders.columns]
order_id = "ticket_id"
customer_id = "cust_key"
item_id = "sku"
ordered_at = "ts"
[input.items]
path = "items.parquet"
[input.items.columns]
item_id = "sku"
category = ["department", "type"]
[clean]
returns = "drop"
cancelled_order_prefix = "C"
not_products = ["POST", 90001, "gift_*"]
duplicates = "first"
zero_price = "drop"
repeated_orders = "first_file"
bulk_customers = "drop"
[check]
fail_on = ["unjoined_items>5%", "volume_drop > 30.5 %"]
max_basket_lines = 40
min_customers_per_pair = 2
[pairs]
units = ["order"]
window_days = 30
half_life_days = 0
basket_weight = "inverse_log"
measure = "cosine"
top_per_item = 7
min_orders = 1
[embeddings]
model = "ials"
factors = 16
iterations = 3
regularization = 0.1
unobserved_weight = 0
frequency_exponent = 0.5
warm_start = false
confidence = "one"
[recommend]
sources = ["popularity"]
list_size = 10
owned = "allow"
[offers]
list_size = 3
relevance_floor = 0.1
[[surface]]
name = "cart"
plays = ["cross_sell", "bundle"]
[evaluate]
enabled = false
split = { kind = "time", validation_days = 7, test_days = 14 }
cutoffs = [1, 10]
targets = "new"
refit = "history"
[tune]
minutes = 1
[evaluate.gate]
ndcg_at_10_vs_previous_min = 0
rule_violations_max = 2
[[export]]
kind = "next_best"
format = "csv"
)",
                            "weekly.toml");
  EXPECT_EQ(job.as_of, "2026-01-31");
  EXPECT_EQ(job.embeddings.seed, 7u);
  EXPECT_EQ(job.device, DeviceChoice::kCpu);
  EXPECT_FALSE(job.tile_over_budget);
  EXPECT_EQ(job.orders.path.size(), 2u);
  EXPECT_EQ(job.orders.columns.at("item_id"), "sku");
  EXPECT_THAT(job.items.category, ElementsAre("department", "type"));
  EXPECT_EQ(job.clean.returns, Returns::kDrop);
  EXPECT_THAT(job.clean.not_products, ElementsAre("POST", "90001", "gift_*"));
  EXPECT_EQ(job.clean.duplicates, Duplicates::kFirst);
  EXPECT_TRUE(job.clean.drop_zero_price && job.clean.repeated_orders_first_file && job.clean.drop_bulk_customers);
  EXPECT_EQ(job.pairs.max_basket_lines, 40);
  EXPECT_EQ(job.pairs.min_customers_per_pair, 2);
  EXPECT_EQ(job.pairs.basket_weight, BasketWeight::kInverseLog);
  EXPECT_EQ(job.pairs.measure, Measure::kCosine);
  EXPECT_EQ(job.embeddings.confidence, Confidence::kOne);
  EXPECT_EQ(job.recommend.owned, Owned::kAllow);
  EXPECT_TRUE(job.evaluate.split_given);
  EXPECT_EQ(job.evaluate.test_days, 14);
  EXPECT_EQ(job.evaluate.refit, Refit::kHistory);
  EXPECT_EQ(job.evaluate.gate_rule_violations_max, 2);
  EXPECT_EQ(job.surfaces.at(0).plays.size(), 2u);
  EXPECT_EQ(job.exports.at(0).format, "csv");
  EXPECT_THAT(job.unused_sections, ElementsAre("offers", "surface"));
  // What is written is complete and reads back to the same job.
  const Job again = parse_job(job.resolved_toml, "job.resolved.toml");
  EXPECT_EQ(again.resolved_toml, job.resolved_toml);
  EXPECT_THAT(job.resolved_toml, HasSubstr("cutoffs = [1, 10]"));
  EXPECT_THAT(job.resolved_toml, HasSubstr("[[surface]]"));
}

TEST(JobFile, ResolvedDefaultsReadBack) {
  for (const char* more :
       {"", "[evaluate]\nsplit = {kind = \"last_item\"}\n", "[clean]\nnot_products = [\"a\\\"\\\\b\"]\n"}) {
    const Job job = parse_job(kLeast + more, "weekly.toml");
    const Job again = parse_job(job.resolved_toml, "job.resolved.toml");
    EXPECT_EQ(again.resolved_toml, job.resolved_toml);
    EXPECT_EQ(again.clean.not_products, job.clean.not_products);
    EXPECT_EQ(again.evaluate.split_given, job.evaluate.split_given);
  }
}

TEST(JobFile, UnknownKeyNamesPlaceAndNearest) {
  const std::string message = refusal(kLeast + "[pairs]\nmin_order = 3\n");
  EXPECT_THAT(message, HasSubstr("weekly.toml:4"));
  EXPECT_THAT(message, HasSubstr("\"pairs.min_order\""));
  EXPECT_THAT(message, HasSubstr("did you mean \"min_orders\""));
  EXPECT_THAT(refusal(kLeast + "[pair]\nmin_orders = 3\n"), HasSubstr("did you mean \"pairs\""));
  EXPECT_THAT(refusal(kLeast + "[input.orders.columns]\nitemid = \"sku\"\n"), HasSubstr("did you mean \"item_id\""));
  EXPECT_THAT(refusal(kLeast, {"embeddings.factor=8"}), HasSubstr("--set embeddings.factor=8"));
}

TEST(JobFile, WrongTypesSayWhatIsExpected) {
  EXPECT_THAT(refusal(kLeast + "[pairs]\nmin_orders = \"3\"\n"),
              HasSubstr("weekly.toml:4: pairs.min_orders: must be an integer, not a string"));
  EXPECT_THAT(refusal(kLeast + "[pairs]\nmin_orders = 3.5\n"), HasSubstr("must be an integer, not a number"));
  EXPECT_THAT(refusal(kLeast + "[pairs]\nunits = \"order\"\n"), HasSubstr("must be a list of strings"));
  EXPECT_THAT(refusal(kLeast + "[job]\nname = 3\n"), HasSubstr("must be a string, not an integer"));
  EXPECT_THAT(refusal("input = 3\n"), HasSubstr("must be a table"));
  EXPECT_THAT(refusal("[input.orders]\npath = [1]\n"), HasSubstr("must be a string"));
  EXPECT_THAT(refusal(kLeast + "[evaluate]\nenabled = 1\n"), HasSubstr("must be true or false"));
  EXPECT_THAT(refusal(kLeast + "[surface]\nname = \"x\"\n"), HasSubstr("list of tables"));
  EXPECT_THAT(refusal(kLeast + "[embeddings]\nregularization = nan\n"), HasSubstr("finite"));
}

TEST(JobFile, RangesNameKeyAndPlace) {
  EXPECT_THAT(refusal(kLeast + "[embeddings]\nfactors = 0\n"), HasSubstr("weekly.toml:4: embeddings.factors"));
  EXPECT_THAT(refusal(kLeast + "[recommend]\nlist_size = 0\n"), HasSubstr("recommend.list_size"));
  EXPECT_THAT(refusal(kLeast + "[pairs]\ntop_per_item = 0\n"), HasSubstr("pairs.top_per_item"));
  EXPECT_THAT(refusal(kLeast + "[evaluate]\ncutoffs = [0]\n"), HasSubstr("evaluate.cutoffs"));
  EXPECT_THAT(refusal(kLeast + "[check]\nfail_on = [\"many\"]\n"), HasSubstr("is not a rule"));
  EXPECT_THAT(refusal(kLeast + "[device]\nmax_host_memory = \"lots\"\n"), HasSubstr("not an amount of memory"));
  EXPECT_THAT(refusal("[job]\nout_dir = \"x\"\n"), HasSubstr("input.orders.path: is missing"));
  EXPECT_THAT(refusal(kLeast + "[[export]]\nkind = \"pairs\"\nformat = \"npy\"\n"), HasSubstr("only for"));
}

TEST(JobFile, ChoicesNameTheNearest) {
  const std::string message = refusal(kLeast + "[clean]\nreturns = \"dorp\"\n");
  EXPECT_THAT(message, HasSubstr("did you mean \"drop\""));
  EXPECT_THAT(refusal(kLeast + "[[export]]\nformat = \"csv\"\n"), HasSubstr("export.kind: is missing"));
}

TEST(JobFile, ContradictorySplitsAreRefused) {
  EXPECT_THAT(refusal(kLeast + "[evaluate]\nsplit = { kind = \"times\" }\n"), HasSubstr("did you mean \"time\""));
  EXPECT_THAT(refusal(kLeast + "[evaluate]\nsplit = { kind = \"column\", test_days = 3 }\n"),
              HasSubstr("test_days: belongs to kind = \"time\""));
  EXPECT_THAT(refusal(kLeast + "[evaluate]\nsplit = { kind = \"time\", test_days = -1 }\n"), HasSubstr("test_days"));
  EXPECT_THAT(refusal(kLeast + "[evaluate]\nsplit = { kind = \"time\", validation_days = -1 }\n"),
              HasSubstr("validation_days"));
}

TEST(JobFile, SettingsOverrideTheFile) {
  const Job job = parse_job(kLeast + "[pairs]\nmin_orders = 4\n", "weekly.toml",
                            {"pairs.min_orders=9", "job.out_dir=some/where else", "job.name=\"q\"",
                             "recommend.sources=[\"habit\"]", "evaluate.split.kind=last_item"});
  EXPECT_EQ(job.pairs.min_orders, 9);
  EXPECT_EQ(job.out_dir, "some/where else");
  EXPECT_EQ(job.name, "q");
  EXPECT_THAT(job.recommend.sources, ElementsAre("habit"));
  EXPECT_EQ(job.evaluate.split, SplitKind::kLastItem);
  EXPECT_THAT(refusal(kLeast, {"pairs.min_orders"}), HasSubstr("section.key=value"));
  EXPECT_THAT(refusal(kLeast, {"min_orders=3"}), HasSubstr("section.key=value"));
}

TEST(JobFile, VariablesAreReplaced) {
  setenv("NEXTBEST_TEST_PLACE", "there", 1);
  unsetenv("NEXTBEST_TEST_NOWHERE");
  EXPECT_EQ(parse_job(kLeast + "[job]\nout_dir = \"a/${NEXTBEST_TEST_PLACE}/b\"\n", "w").out_dir, "a/there/b");
  const std::string message = refusal(kLeast + "[job]\nout_dir = \"${NEXTBEST_TEST_NOWHERE}\"\n");
  EXPECT_THAT(message, HasSubstr("weekly.toml:4"));
  EXPECT_THAT(message, HasSubstr("NEXTBEST_TEST_NOWHERE"));
  EXPECT_THAT(refusal(kLeast + "[job]\nout_dir = \"${X\"\n"), HasSubstr("${ without }"));
}

TEST(JobFile, NewerSchemaAndBrokenTomlAreNamed) {
  EXPECT_THAT(refusal("schema_version = 2\n" + kLeast), HasSubstr("newer than this program"));
  EXPECT_THAT(refusal("schema_version = 0\n" + kLeast), HasSubstr("at least 1"));
  EXPECT_THAT(refusal("[input.orders\npath"), HasSubstr("weekly.toml:1:14: not valid TOML"));
}

TEST(JobFile, TunedParametersLieOverTheFile) {
  const std::filesystem::path dir = std::filesystem::path(testing::TempDir()) / "nextbest_tuned";
  std::filesystem::create_directories(dir);
  const std::string path = (dir / "weekly.toml").string();
  std::ofstream(path) << kLeast << "[pairs]\nmin_orders = 4\nwindow_days = 10\n";
  std::ofstream(dir / "weekly.tuned.toml") << "schema_version = 1\n[tuned]\nfingerprint = \"abc\"\n"
                                              "[pairs]\nmin_orders = 8\n[embeddings]\nfactors = 32\n";
  const Job job = read_job(path, {"embeddings.factors=64"});
  EXPECT_EQ(job.pairs.min_orders, 8);
  EXPECT_EQ(job.pairs.window_days, 10);
  EXPECT_EQ(job.embeddings.factors, 64);
  EXPECT_EQ(job.tuned_fingerprint, "abc");
  std::ofstream(dir / "weekly.tuned.toml") << "[job]\nout_dir = \"elsewhere\"\n";
  EXPECT_THROW(read_job(path), UsageError);
  std::filesystem::remove_all(dir);
  EXPECT_THROW(read_job(path), UsageError);
}

TEST(JobFile, SourcesHaveParametersOfTheirOwn) {
  const Job job =
      parse_job(kLeast + "[recommend.habit]\nhalf_life_days = 7\n[recommend.item_item]\nanchors = 9\n", "w");
  EXPECT_EQ(job.recommend.params.habit.half_life_days, 7);
  EXPECT_EQ(job.recommend.params.item_item.anchors.most, 9);
  const Job back = parse_job(job.resolved_toml, "back");
  EXPECT_EQ(back.recommend.params.habit.half_life_days, 7);
  EXPECT_EQ(back.resolved_toml, job.resolved_toml);
  EXPECT_THAT(refusal(kLeast + "[recommend.habit]\nhalf_life = 7\n"), HasSubstr("did you mean \"half_life_days\""));
  EXPECT_THAT(refusal(kLeast + "[recommend.habit]\nhalf_life_days = -1\n"),
              HasSubstr("weekly.toml:4: recommend.habit.half_life_days: must be 0 (no decay) or above"));
  EXPECT_THAT(refusal(kLeast, {"recommend.habit.half_life_days=-1"}), HasSubstr("must be 0 (no decay) or above"));
}

TEST(JobFile, SectionTextFollowsItsSectionOnly) {
  const Job a = parse_job(kLeast, "a"), b = parse_job(kLeast, "b", {"pairs.min_orders=7"});
  EXPECT_NE(section_text(a, "pairs"), section_text(b, "pairs"));
  EXPECT_EQ(section_text(a, "clean"), section_text(b, "clean"));
}

}  // namespace
}  // namespace nextbest
