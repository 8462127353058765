#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "host/job/job_run.hpp"

namespace nextbest {

/// What a person wants to see after `run`: what was read and cleaned, how good the lists are against the baselines,
/// product pairs by name, one customer's history beside the list, seconds per stage, where the files are.
std::string describe_run(const RunOutcome& outcome);
/// The same for one stage: only what it came to.
std::string describe_stage(const RunOutcome& outcome, const std::string& stage);
/// What a machine wants to see on standard output.
nlohmann::json summary_json(const RunOutcome& outcome);

}  // namespace nextbest
