#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "host/cli/program.hpp"
#include "host/cli/show.hpp"
#include "host/export/tables.hpp"
#include "host/job/files.hpp"
#include "host/job/job_run.hpp"
#include "host/job/lock.hpp"
#include "host/job/publication.hpp"

namespace nextbest {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

/// A small shop in a folder of its own, and the program run on it inside this process.
class JobRunTest : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = fs::path(testing::TempDir()) / ("nextbest_run_" + std::to_string(::getpid()));
    fs::remove_all(dir_);
    fs::create_directories(dir_);
    write_orders(true);
    log_ = std::tmpfile();
  }
  void TearDown() override {
    std::fclose(log_);
    fs::remove_all(dir_);
  }

  /// 24 customers with an order every two weeks; product 2j + 1 goes with product 2j.
  void write_orders(bool customers) {
    std::ofstream out(dir_ / "orders.csv");
    out << (customers ? "order_id,customer_id,item_id,ordered_at,quantity,unit_price\n" : "order_id,item_id\n");
    for (int order = 0; order < 24 * 12; ++order) {
      const int customer = order % 24, visit = order / 24, first = 2 * ((customer + visit * visit) % 10);
      for (const int item : {first, first + 1, 20 + (customer * 7 + visit) % 13}) {
        const std::string day =
            fmt::format("2025-{:02}-{:02}T10:00:00Z", 1 + visit / 2, 1 + 14 * (visit % 2) + customer % 9);
        out << (customers ? fmt::format("{},c{},item{},{},1,{}.5\n", order, customer, item, day, item + 1)
                          : fmt::format("{},item{}\n", order, item));
      }
    }
  }
  Job job(const std::vector<std::string>& more = {}) {
    std::vector<std::string> set = {"embeddings.factors=4", "embeddings.iterations=2", "device.threads=2",
                                    "check.min_customers_per_pair=1", "job.out_dir=" + (dir_ / "out").string()};
    set.insert(set.end(), more.begin(), more.end());
    return parse_job("[input.orders]\npath = \"" + (dir_ / "orders.csv").string() + "\"\n", "shop.toml", set);
  }
  RunOutcome run(const std::vector<std::string>& more = {}) {
    RunReporter reporter(log_, false);
    return run_job(job(more), {}, reporter);
  }
  fs::path out(const std::string& path) { return dir_ / "out" / path; }
  std::string read(const std::string& path) { return read_file(out(path)); }

  /// The program with a command line; returns the exit code, keeps what it said.
  int program(std::vector<std::string> arguments) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = run_program(arguments);
    said_ = testing::internal::GetCapturedStdout();
    complained_ = testing::internal::GetCapturedStderr();
    return code;
  }
  std::string job_file() {
    std::ofstream(dir_ / "shop.toml") << job().resolved_toml;
    return (dir_ / "shop.toml").string();
  }

  fs::path dir_;
  std::FILE* log_ = nullptr;
  std::string said_, complained_;
};

TEST_F(JobRunTest, PublishesOnceAndThenFindsNothingNew) {
  const RunOutcome first = run();
  EXPECT_EQ(first.code, ExitCode::kPublished);
  EXPECT_FALSE(first.nothing_new);
  const auto manifest = manifest_of(out("latest"));
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->at("run_id"), first.run_id);
  std::vector<std::string> stages, outputs;
  for (const auto& stage : manifest->at("stages")) {
    stages.push_back(stage.at("name"));
    EXPECT_GT(stage.at("peak_host_bytes").get<std::int64_t>(), 0);
    EXPECT_GE(stage.at("seconds").get<double>(), 0);
  }
  EXPECT_THAT(stages, testing::ElementsAre("ingest", "check", "pairs", "train", "recommend", "evaluate", "export"));
  for (const auto& file : manifest->at("outputs")) {
    outputs.push_back(file.at("path"));
    EXPECT_EQ(sha256_of_file(out("latest") / outputs.back()), file.at("sha256")) << outputs.back();
  }
  for (const char* name :
       {"pairs/part-00000.parquet", "next_best/part-00000.parquet", "embeddings/part-00000.parquet",
        "id_map/part-00000.parquet", "evaluation_lists/part-00000.parquet", "orders.h5", "models/embeddings.h5",
        "metrics.json", "data_quality.json", "job.resolved.toml", "run.jsonl"})
    EXPECT_THAT(outputs, testing::Contains(name));
  EXPECT_EQ(manifest->at("inputs").at(0).at("rows"), 24 * 12 * 3);
  EXPECT_EQ(manifest->at("configuration").at("embeddings").at("factors"), 4);
  EXPECT_THAT(read("latest/run.jsonl"), Not(HasSubstr("\"c7\"")));
  EXPECT_THAT(read("work/nextbest.prom"), HasSubstr("nextbest_run_exit_code{job=\"nextbest\"} 0"));

  const RunOutcome second = run();
  EXPECT_TRUE(second.nothing_new);
  EXPECT_EQ(second.run_id, first.run_id);
  EXPECT_EQ(std::distance(fs::directory_iterator(out("runs")), {}), 1);
}

TEST_F(JobRunTest, KeepsStagesAndStampsTablesWithTheNewRun) {
  const RunOutcome first = run();
  std::ofstream(dir_ / "shop.toml") << job().resolved_toml << "[[export]]\nkind = \"pairs\"\nformat = \"csv\"\n"
                                    << "[[export]]\nkind = \"next_best\"\nformat = \"jsonl\"\n"
                                    << "[[export]]\nkind = \"embeddings\"\nformat = \"npy\"\n";
  RunReporter reporter(log_, false);
  const RunOutcome second = run_job(read_job((dir_ / "shop.toml").string()), {}, reporter);
  EXPECT_NE(second.run_id, first.run_id);
  for (const auto& stage : second.manifest.at("stages")) {
    const bool computed = stage.at("name") == "check" || stage.at("name") == "export";
    EXPECT_EQ(stage.at("details").value("kept", false), !computed) << stage;
  }
  const std::string pairs = read("latest/export/pairs/part-00000.csv");
  EXPECT_THAT(pairs, HasSubstr(second.run_id));
  EXPECT_THAT(pairs, Not(HasSubstr(first.run_id)));
  std::istringstream lists(read("latest/export/next_best/part-00000.jsonl"));
  std::string line;
  ASSERT_TRUE(std::getline(lists, line));
  const nlohmann::json row = nlohmann::json::parse(line);
  EXPECT_EQ(row.at("run_id"), second.run_id);
  EXPECT_EQ(row.at("rec_id"), rec_id_of(second.run_id, row.at("customer_id").get<std::string>(),
                                        row.value("surface", ""), row.at("item_id").get<std::string>()));
  EXPECT_TRUE(fs::exists(out("latest/export/embeddings/items.npy")));
  EXPECT_TRUE(nlohmann::json::parse(read("latest/metrics.json")).at("baselines").contains("previous_run"));
}

TEST_F(JobRunTest, GateKeepsTheLastPublication) {
  const RunOutcome first = run();
  nlohmann::json metrics = nlohmann::json::parse(read("latest/metrics.json"));
  metrics["targets"]["all"]["ndcg_at_10"]["value"] = 2.0;
  std::ofstream(out("latest/metrics.json")) << metrics;
  const RunOutcome refused = run({"embeddings.factors=3"});
  EXPECT_EQ(refused.code, ExitCode::kEvaluationGate);
  EXPECT_THAT(refused.refusal, HasSubstr("NDCG@10 fell"));
  EXPECT_TRUE(fs::exists(out("runs/" + refused.run_id + "/manifest.json")));
  EXPECT_EQ(manifest_of(out("latest"))->at("run_id"), first.run_id);
  const RunOutcome again = run({"embeddings.factors=3"});
  EXPECT_EQ(again.code, ExitCode::kEvaluationGate);
  EXPECT_TRUE(again.nothing_new);
  EXPECT_EQ(again.run_id, refused.run_id);
  EXPECT_EQ(run({"embeddings.factors=3", "evaluate.gate.ndcg_at_10_vs_previous_min=0"}).code, ExitCode::kPublished);
}

TEST_F(JobRunTest, WithoutEvaluationAndWithoutCustomers) {
  const RunOutcome unevaluated = run({"evaluate.enabled=false"});
  EXPECT_EQ(unevaluated.code, ExitCode::kPublished);
  EXPECT_TRUE(unevaluated.metrics.is_null());
  EXPECT_TRUE(fs::exists(out("latest/next_best")));
  write_orders(false);
  const RunOutcome anonymous = run();
  EXPECT_EQ(anonymous.code, ExitCode::kPublished);
  EXPECT_TRUE(fs::exists(out("latest/pairs/part-00000.parquet")));
  EXPECT_FALSE(fs::exists(out("latest/next_best")));
  EXPECT_GT(anonymous.metrics["targets"]["all"]["attach_rate_at_5"]["value"], 0.5);  // each item has its companion
  EXPECT_EQ(anonymous.metrics["protocol"]["split"], "hidden_orders");
  const std::string file = job_file();  // `run` passes over what the data lack; who asks for it gets an error
  for (const auto& [verb, why] : {std::pair{"recommend", "customer_id"}, std::pair{"train", "customer_id"}}) {
    EXPECT_EQ(program({verb, file}), static_cast<int>(ExitCode::kData)) << verb;
    EXPECT_THAT(complained_, HasSubstr(why));
  }
  EXPECT_EQ(program({"evaluate", file, "--set", "evaluate.enabled=false"}), static_cast<int>(ExitCode::kUsage));
  EXPECT_THROW(run({"evaluate.split.kind=last_order"}), DataError);
  EXPECT_EQ(manifest_of(out("latest"))->at("run_id"), anonymous.run_id);
}

TEST_F(JobRunTest, DamagedWorkIsNamedAndRebuilt) {
  run();
  fs::resize_file(out("work/orders.h5"), 1000);
  fs::remove(out("work/models/embeddings.h5"));
  EXPECT_EQ(run({"recommend.list_size=5"}).code, ExitCode::kPublished);
  std::rewind(log_);
  std::string logged(1'000'000, '\0');
  logged.resize(std::fread(logged.data(), 1, logged.size(), log_));
  EXPECT_THAT(logged, HasSubstr("orders.h5 is missing or damaged"));
  EXPECT_THAT(logged, HasSubstr("embeddings.h5 is missing or damaged"));
}

TEST_F(JobRunTest, DamagedPublicationIsMadeAgain) {
  const RunOutcome first = run();
  fs::resize_file(out("latest/orders.h5"), 1000);
  const RunOutcome second = run();
  EXPECT_FALSE(second.nothing_new);
  EXPECT_NE(second.run_id, first.run_id);
  EXPECT_TRUE(run_is_whole(out("latest"), *manifest_of(out("latest"))));
}

TEST_F(JobRunTest, StageVerbsWorkOneAtATime) {
  const std::string file = job_file();
  EXPECT_EQ(program({"pairs", file}), 0);
  EXPECT_THAT(said_, HasSubstr("Bought together"));
  EXPECT_TRUE(fs::exists(out("work/pairs/part-00000.parquet")));
  EXPECT_FALSE(fs::exists(out("work/next_best")));
  EXPECT_EQ(program({"evaluate", file, "--json"}), 0);
  EXPECT_TRUE(nlohmann::json::parse(said_).contains("targets"));
  EXPECT_EQ(program({"recommend", file}), 0);
  EXPECT_THAT(said_, HasSubstr("next best"));
  for (const char* verb : {"ingest", "check", "train", "export"}) EXPECT_EQ(program({verb, file}), 0) << complained_;
  EXPECT_FALSE(fs::exists(out("latest")));
  EXPECT_EQ(nlohmann::json::parse(read("work/manifest.json")).at("stages").size(), 7u);
}

TEST_F(JobRunTest, CommandLine) {
  const std::string file = job_file();
  EXPECT_EQ(program({"run", file}), 0) << complained_;
  for (const char* part : {"Quality", "personal frequency", "Bought together", "Customer c0", "Stages", "Published"})
    EXPECT_THAT(said_, HasSubstr(part));
  EXPECT_EQ(program({"run", file, "--json"}), 0);
  EXPECT_TRUE(nlohmann::json::parse(said_).at("nothing_new"));
  EXPECT_EQ(program({"run", file, "--skip-code"}), 99);
  EXPECT_EQ(program({"run", file, "--skip-cod"}), 2);
  EXPECT_THAT(complained_, HasSubstr("did you mean \"--skip-code\""));
  EXPECT_EQ(program({"rum", file}), 2);
  EXPECT_THAT(complained_, HasSubstr("did you mean \"run\""));
  EXPECT_EQ(program({"run", file, "--device", "cuda"}), 7);
  EXPECT_EQ(program({"run", file, "--set", "input.orders.path=nowhere.csv"}), 3);
  EXPECT_EQ(program({"run", "nowhere.toml"}), 2);
  EXPECT_EQ(program({"run"}), 2);
  EXPECT_EQ(program({}), 2);
  EXPECT_EQ(program({"--version"}), 0);
  EXPECT_THAT(said_, HasSubstr("nextbest"));
  EXPECT_EQ(program({"run", "--help"}), 0);
  EXPECT_THAT(said_, HasSubstr("Examples"));
}

TEST_F(JobRunTest, LockAndOutputErrorsHaveTheirCodes) {
  const std::string file = job_file();
  fs::create_directories(out("work"));
  {
    const FolderLock lock(out("work"));
    EXPECT_EQ(program({"run", file}), 75);
  }
  std::ofstream(dir_ / "occupied") << "x";
  EXPECT_EQ(program({"run", file, "--set", "job.out_dir=" + (dir_ / "occupied/out").string()}), 8);
}

TEST_F(JobRunTest, DoctorAndInit) {
  EXPECT_EQ(program({"doctor"}), 0);
  EXPECT_THAT(said_, HasSubstr("self-test  passed"));
  EXPECT_EQ(program({"doctor", "--json"}), 0);
  EXPECT_TRUE(nlohmann::json::parse(said_).at("self_test").at("passed"));
  EXPECT_EQ(program({"doctor", "--device", "cuda"}), 7);
  EXPECT_EQ(program({"bench", "--device", "cuda"}), 7);
  EXPECT_THAT(complained_, HasSubstr("device cuda was asked for"));
  const std::string file = (dir_ / "guessed.toml").string();
  EXPECT_EQ(program({"init", (dir_ / "orders.csv").string(), "-o", file}), 0) << complained_;
  EXPECT_NO_THROW(read_job(file));
  EXPECT_EQ(program({"init", (dir_ / "orders.csv").string(), "-o", file}), 2);
  EXPECT_EQ(program({"synth", (dir_ / "synth").string(), "--lines", "2000", "--items", "200"}), 0) << complained_;
  EXPECT_TRUE(fs::exists(dir_ / "synth" / "job.toml"));
}

}  // namespace
}  // namespace nextbest
