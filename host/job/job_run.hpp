#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "host/job/job.hpp"
#include "host/job/run_reporter.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {

struct RunOptions {
  std::int64_t max_bad_rows = 0;  ///< rows that cannot be read are skipped up to here
};

/// How a job ended.
struct RunOutcome {
  ExitCode code = ExitCode::kPublished;
  std::string run_id;
  std::filesystem::path folder;  ///< of the run, or the work folder of a single stage
  bool nothing_new = false;      ///< the published run is that of these inputs and settings
  std::string refusal;           ///< what the evaluation gate said; empty when it let the run pass
  nlohmann::json manifest = nlohmann::json::object();  ///< manifest.json
  nlohmann::json metrics, quality;                     ///< metrics.json, data_quality.json; null where there are none
  /// For people: pairs by name, one customer's history and list. Never in a file that is published.
  nlohmann::json examples = nlohmann::json::object();
};

/// The whole job: stages, gate, publication. Holds the lock of out_dir meanwhile.
/// @throws Error of any kind; what is published is then what it was before
RunOutcome run_job(const Job& job, const RunOptions& options, RunReporter& reporter);

/// One stage on the job's working state, and first what it needs.
RunOutcome run_stage(const Job& job, const std::string& stage, const RunOptions& options, RunReporter& reporter);

}  // namespace nextbest
