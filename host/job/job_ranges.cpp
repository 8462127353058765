#include <cmath>
#include <regex>

#include "host/job/job_keys.hpp"
#include "host/job/memory_size.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

void demand(bool condition, const std::string& message) {
  if (!condition) throw UsageError(message);
}

void check_input(const Job& job) {
  demand(!job.orders.path.empty(),
         "input.orders.path: is missing; name the order files, e.g. path = \"orders/*.parquet\"");
  for (const std::string& path : job.orders.path) demand(!path.empty(), "input.orders.path: a path must not be empty");
  for (const std::string& path : job.items.path) demand(!path.empty(), "input.items.path: a path must not be empty");
  demand(!job.out_dir.empty(), "job.out_dir: must not be empty");
  demand(!job.name.empty(), "job.name: must not be empty");
  demand(!job.items.path.empty() || (job.items.columns.empty() && job.items.category.empty()),
         "input.items.columns: columns are mapped, but input.items.path is missing");
}

void check_rules(const Job& job) {
  static const std::regex rule(R"(\s*[a-z][a-z0-9_]*\s*>\s*[0-9]+(\.[0-9]+)?\s*%?\s*)");
  for (const std::string& text : job.check.fail_on)
    demand(text.size() < 200 && std::regex_match(text, rule),
           "check.fail_on: \"" + text + "\" is not a rule; write e.g. \"unjoined_items>5%\"");
  for (const std::string& pattern : job.clean.not_products)
    demand(!pattern.empty(), "clean.not_products: an id or pattern must not be empty");
}

void check_evaluation(const EvaluateParams& params) {
  constexpr double kLongest = 36'500;
  demand(params.validation_days >= 0 && params.validation_days <= kLongest,
         "evaluate.split.validation_days: must be from 0 to 36500");
  demand(params.test_days > 0 && params.test_days <= kLongest,
         "evaluate.split.test_days: must be above 0 and at most 36500");
  demand(!params.cutoffs.empty(), "evaluate.cutoffs: at least one cutoff is needed, e.g. [5, 10, 20]");
  for (std::size_t i = 0; i < params.cutoffs.size(); ++i) {
    demand(params.cutoffs[i] >= 1 && params.cutoffs[i] <= 10'000, "evaluate.cutoffs: must be from 1 to 10000");
    demand(i == 0 || params.cutoffs[i] > params.cutoffs[i - 1], "evaluate.cutoffs: must ascend");
  }
  demand(params.gate_ndcg_at_10_vs_previous_min >= 0 && params.gate_ndcg_at_10_vs_previous_min <= 10,
         "evaluate.gate.ndcg_at_10_vs_previous_min: must be 0 (off) or a ratio up to 10");
  demand(params.gate_rule_violations_max >= 0, "evaluate.gate.rule_violations_max: must be 0 or above");
}

void check_offers(const Job& job) {
  demand(job.offers.list_size >= 1, "offers.list_size: must be at least 1");
  demand(job.offers.relevance_floor >= 0 && job.offers.relevance_floor <= 1,
         "offers.relevance_floor: must be from 0 to 1");
  for (const Surface& surface : job.surfaces) demand(!surface.name.empty(), "surface.name: is missing");
  demand(job.tune.minutes > 0, "tune.minutes: must be above 0");
  for (const ExportTable& table : job.exports) {
    demand((table.format != "npy" && table.format != "hdf5") || table.kind == "embeddings",
           "export.format: \"" + table.format + "\" is only for kind = \"embeddings\", not \"" + table.kind + "\"");
  }
}

}  // namespace

void check_ranges(const Job& job) {
  check_input(job);
  check_rules(job);
  demand(job.threads >= 0 && job.threads <= 4096, "device.threads: must be 0 (all cores) or up to 4096");
  parse_memory_size(job.max_host_memory, 1, "device.max_host_memory");
  parse_memory_size(job.max_device_memory, 1, "device.max_device_memory");
  job.pairs.validate();
  job.embeddings.validate();
  job.recommend.validate();
  check_evaluation(job.evaluate);
  check_offers(job);
}

}  // namespace nextbest
