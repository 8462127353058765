#include "host/plan/plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "host/ingest/ingest_bytes.hpp"
#include "host/job/memory_size.hpp"
#include "host/job/process_memory.hpp"
#include "host/plan/device.hpp"
#include "host/plan/memory.hpp"
#include "kernels/core/error.hpp"
#include "models/pairs/pair_table.hpp"

namespace nextbest {
namespace {

/// Seconds of one thread for a million of something, measured on two cores: good for the order of magnitude.
constexpr double kIngest = 0.6;     ///< lines
constexpr double kUnits = 0.5;      ///< lines of baskets of ten
constexpr double kPairRow = 5;      ///< items
constexpr double kCounts = 0.4;     ///< lines, into purchases and tables
constexpr double kFits = 4;         ///< lines, all sources but the embeddings
constexpr double kRatings = 0.6;    ///< purchases, per iteration and 128 factors
constexpr double kLists = 600;      ///< customers, lists of all sources
constexpr double kAnchors = 8;      ///< customers, for each of their items up to kMostAnchors
constexpr double kScores = 4e-5;    ///< customers x items of 64 factors, of which most are ruled out by their norms
constexpr double kLearning = 3500;  ///< customers that the blend learns from
constexpr double kMostAnchors = 300;
constexpr std::int64_t kLearners = 30'000;

double millions(std::int64_t n) {
  return static_cast<double>(n) / 1e6;
}

class Planner {
 public:
  Planner(const Job& job, const LogSize& size, int threads) : job_(job), size_(size), threads_(std::max(1, threads)) {
    plan_.size = size;
    plan_.budget = parse_memory_size(job.max_host_memory, total_host_bytes(), "device.max_host_memory");
    plan_.device_budget = device_budget(job);
  }

  Plan make() {
    const bool customers = size_.customers > 0;
    const double fit = customers ? fit_seconds() : 0;
    ingest();
    fixed("check", log_bytes(size_, job_), 0.01);
    pairs();
    if (job_.evaluate.enabled) fixed("evaluate", evaluate_bytes(size_, job_), evaluate_seconds(fit));
    if (customers) {
      fixed("train", train_bytes(size_, job_), fit);
      fixed("recommend", recommend_bytes(size_, job_), score_seconds());
    }
    fixed("export", export_bytes(size_, job_), 0.01);
    if (plan_.device_budget > 0) on_device(customers);
    return plan_;
  }

 private:
  void fixed(const char* name, std::int64_t bytes, double core_seconds) {
    plan_.stages.push_back({name, bytes, 0, 1, 0, core_seconds / threads_});
  }

  void on_device(bool customers) {
    const std::int64_t budget = plan_.device_budget;
    for (StagePlan& stage : plan_.stages) {
      DeviceUse use;
      if (stage.name == "pairs") use = pairs_device_use(size_, job_, stage.tile_bytes, budget);
      if (customers && (stage.name == "train" || stage.name == "evaluate")) use = train_device_use(size_, job_, budget);
      if (customers && (stage.name == "recommend" || stage.name == "evaluate"))
        use = larger(use, recommend_device_use(size_, job_, budget));
      stage.device_bytes = use.bytes;
      stage.device_tiles = use.pieces;
    }
  }

  /// Lines lie in memory, or wait in a file where the budget is short.
  void ingest() {
    IngestSize size;
    size.lines = size_.lines;
    size.baskets = size_.baskets;
    size.ids = size_.items + size_.customers + size_.baskets;
    size.id_bytes = std::max<std::int64_t>(0, size_.id_bytes - 8 * size.ids);
    size.line_bytes = static_cast<int>(size_.line_bytes(KeptColumns::kAll));
    size.threads = threads_;
    size.text = size_.text;
    const IngestBytes bytes = ingest_bytes(size);
    const bool fits = bytes.in_memory <= plan_.budget || !job_.tile_over_budget;
    fixed("ingest", fits ? bytes.in_memory : bytes.spilled, kIngest * millions(size_.lines));
  }

  /// Pairs are made in tiles of items: as large as they would like to be, else as the budget leaves room.
  void pairs() {
    const std::int64_t row = pair_row_bytes(size_, job_), all = size_.items * row;
    std::int64_t tile = std::min(all, usual_tile_bytes(size_.items, job_.pairs));
    const auto bytes = [&] { return pairs_bytes(size_, job_, tile); };
    while (bytes() > plan_.budget && job_.tile_over_budget && tile > row) tile = std::max(row, tile / 2);
    const std::int64_t tiles = tile > 0 ? (all + tile - 1) / tile : 1;
    const double seconds = kUnits * millions(size_.lines) * lines_per_basket() / 10 + kPairRow * millions(size_.items);
    plan_.stages.push_back({"pairs", bytes(), 0, std::max<std::int64_t>(1, tiles), tile, seconds / threads_});
  }

  double lines_per_basket() const {
    return static_cast<double>(size_.lines) / static_cast<double>(std::max<std::int64_t>(1, size_.baskets));
  }
  double fit_seconds() const {
    const double rounds = job_.embeddings.iterations * static_cast<double>(job_.embeddings.factors) / 128;
    return (blends(job_) ? kFits : kCounts) * millions(size_.lines) + kRatings * rounds * millions(size_.purchases);
  }
  double score_seconds() const {
    const double products = millions(size_.customers) * static_cast<double>(size_.items) * job_.embeddings.factors / 64;
    const double owned =
        static_cast<double>(size_.purchases) / static_cast<double>(std::max<std::int64_t>(1, size_.customers));
    if (!blends(job_)) return kScores * products;
    return kScores * products + (kLists + kAnchors * std::min(owned, kMostAnchors)) * millions(size_.customers);
  }
  /// Two windows to learn from and the test; a quarter of the customers buys in it, and meets blend and sources.
  double evaluate_seconds(double fit) const {
    if (!blends(job_)) return fit + score_seconds() / 4;
    return 3 * fit + kLearning * millions(std::min(2 * size_.customers, kLearners)) + score_seconds() / 2;
  }

  const Job& job_;
  const LogSize& size_;
  int threads_;
  Plan plan_;
};

}  // namespace

const StagePlan& Plan::stage(const std::string& name) const {
  static const StagePlan kNone;
  const auto found = std::find_if(stages.begin(), stages.end(), [&](const StagePlan& s) { return s.name == name; });
  return found == stages.end() ? kNone : *found;
}

std::int64_t Plan::peak() const {
  std::int64_t most = 0;
  for (const StagePlan& stage : stages) most = std::max(most, stage.host_bytes);
  return most;
}

void Plan::check(const std::string& name) const {
  const auto expect_fits = [&](std::int64_t needed, std::int64_t allowed, const char* key) {
    if (needed > allowed)
      throw DoesNotFit("the stage " + name + " (" + std::to_string(size.lines) + " lines, " + key + ")", needed,
                       allowed);
  };
  expect_fits(stage(name).host_bytes, budget, "device.max_host_memory");
  expect_fits(stage(name).device_bytes, device_budget, "device.max_device_memory");
}

Plan make_plan(const Job& job, const LogSize& size, int threads) {
  return Planner(job, size, threads).make();
}

nlohmann::json to_json(const Plan& plan) {
  nlohmann::json stages = nlohmann::json::array();
  for (const StagePlan& stage : plan.stages)
    stages.push_back({{"name", stage.name},
                      {"planned_host_bytes", stage.host_bytes},
                      {"planned_device_bytes", stage.device_bytes},
                      {"tiles", stage.tiles},
                      {"device_tiles", stage.device_tiles},
                      {"seconds", stage.seconds}});
  return {{"max_host_memory", plan.budget},
          {"max_device_memory", plan.device_budget},
          {"peak_host_bytes", plan.peak()},
          {"data",
           {{"lines", plan.size.lines},
            {"orders", plan.size.baskets},
            {"items", plan.size.items},
            {"customers", plan.size.customers},
            {"exact", plan.size.exact}}},
          {"stages", stages}};
}

std::string describe(const Plan& plan) {
  std::string text = fmt::format("About {} lines, {} orders, {} products, {} customers\n\n", plan.size.lines,
                                 plan.size.baskets, plan.size.items, plan.size.customers);
  text += fmt::format("  {:<12}{:>12}{:>12}{:>8}{:>12}\n", "stage", "host peak", "GPU peak", "tiles", "seconds");
  for (const StagePlan& stage : plan.stages)
    text += fmt::format("  {:<12}{:>12}{:>12}{:>8}{:>12.1f}\n", stage.name, format_bytes(stage.host_bytes),
                        stage.device_bytes > 0 ? format_bytes(stage.device_bytes) : "-", stage.tiles, stage.seconds);
  return text + fmt::format("\nPeak {} of {} that device.max_host_memory allows\n", format_bytes(plan.peak()),
                            format_bytes(plan.budget));
}

}  // namespace nextbest
