#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "host/job/job.hpp"
#include "host/job/job_run.hpp"
#include "models/tune/search.hpp"

namespace nextbest {

struct TuneLimits {
  double seconds = 600;  ///< 0 = none
  int trials = 0;        ///< 0 = as many as the time allows
};

struct TuneOutcome {
  TuneResult result;
  std::string file;           ///< what was written: JOB.tuned.toml
  std::size_t customers = 0;  ///< on whom trials were judged
  std::size_t recalled = 0;   ///< measurements that an interrupted search had left
};

/// Searches better parameters for the job on its training part, judged on its validation part alone, and writes them
/// beside the job file. Measurements are kept in work/tune/trials.jsonl, so that a search goes on where it was stopped.
/// job  without the overlay of an earlier search
/// @throws DataError nothing to judge on; and what ingesting and checking throw
TuneOutcome tune_job(const Job& job, const TuneLimits& limits, const RunOptions& options, RunReporter& reporter);

/// "600", "90s", "10m", "1.5h" in seconds. @throws UsageError
double parse_duration(const std::string& text, const std::string& what);

/// The text of JOB.tuned.toml: the parameters that changed, as sections of a job file.
std::string tuned_toml(const TuneResult& found, const std::string& fingerprint);

/// For people: what was gained by which source, and which parameters changed and mattered.
std::string describe_tuning(const TuneOutcome& outcome);
nlohmann::json tuning_json(const TuneOutcome& outcome);

}  // namespace nextbest
