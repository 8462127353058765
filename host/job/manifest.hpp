#pragma once

#include <filesystem>

#include <nlohmann/json.hpp>

#include "host/job/job_run.hpp"
#include "host/job/session.hpp"

namespace nextbest {

/// What a run or the work folder says of itself: stages that stand, inputs, configuration, device, time span, gates.
/// `outputs` is left for the writer of the files.
nlohmann::json make_manifest(Session& session, const std::string& status, const std::string& refusal);

/// Files of the stages that stand, in the order of the stages; those that only people are shown are left out.
std::vector<WrittenFile> published_files(Session& session);

/// `<out_dir>/work/nextbest.prom`, the Prometheus text of the last run: when, how it ended, seconds and peak memory per
/// stage, quality. Written and renamed. @throws OutputError
void write_prometheus(const std::filesystem::path& out_dir, const Job& job, const RunOutcome& outcome);

}  // namespace nextbest
