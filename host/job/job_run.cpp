#include "host/job/job_run.hpp"

#include "host/evaluate/evaluate.hpp"
#include "host/job/files.hpp"
#include "host/job/manifest.hpp"
#include "host/job/publication.hpp"
#include "host/job/session.hpp"
#include "host/job/stages.hpp"
#include "host/store/atomic_file.hpp"

namespace nextbest {
namespace {

namespace fs = std::filesystem;

/// What a summary is made of, from the files of the work folder.
void load_results(const Session& session, RunOutcome& outcome) {
  outcome.metrics = read_work_file(session, "metrics.json");
  outcome.quality = read_work_file(session, "data_quality.json");
  outcome.examples = {{"pairs", read_work_file(session, std::string(kExamples) + "pairs.json")},
                      {"customer", read_work_file(session, std::string(kExamples) + "customer.json")}};
}

/// Whether a run that exists was made from exactly these inputs and settings: the published one, or the newest one
/// when the gate refused it.
bool is_made_already(Session& session, RunOutcome& outcome) {
  if (!session.job().resume) return false;
  const fs::path runs = session.out_dir() / "runs";
  for (const fs::path& folder : {session.out_dir() / "latest", runs / session.run_id()}) {
    const auto manifest = manifest_of(folder);
    if (!manifest || manifest->value("key", "") != session.runner().key("export")) continue;
    outcome.run_id = manifest->value("run_id", "");
    outcome.folder = runs / outcome.run_id;
    if (!run_is_whole(outcome.folder, *manifest)) {
      session.reporter().warning("damaged_file", outcome.folder.string() + " is damaged; the run is made again", {});
      return false;
    }
    outcome.manifest = *manifest;
    outcome.nothing_new = true;
    outcome.refusal = manifest->value(nlohmann::json::json_pointer("/gates/evaluation/refusal"), "");
    if (!outcome.refusal.empty()) outcome.code = ExitCode::kEvaluationGate;
    return true;
  }
  return false;
}

/// The evaluation may be older than the run that is published now; the numbers it is compared with are not.
void refresh_previous(Session& session, const nlohmann::json& previous) {
  nlohmann::json metrics = read_work_file(session, "metrics.json");
  if (metrics.is_null() || !session.runner().was_kept("evaluate")) return;
  metrics["baselines"].erase("previous_run");
  if (previous.contains("targets")) metrics["baselines"]["previous_run"] = previous.at("targets");
  write_work_file(session, "metrics.json", metrics);
  session.runner().look_again("evaluate");
}

void write_work_manifest(Session& session) {
  nlohmann::json manifest = make_manifest(session, "working", "");
  manifest["outputs"] = nlohmann::json::array();
  for (const WrittenFile& file : published_files(session))
    manifest["outputs"].push_back(
        {{"path", file.path}, {"bytes", file.bytes}, {"rows", file.rows}, {"sha256", file.sha256}});
  replace_file(session.work() / "manifest.json", manifest.dump(2) + "\n");
}

void build_run(Session& session, RunOutcome& outcome) {
  session.reporter().set_stage("publish");
  RunFolder run(session.out_dir(), session.run_id());
  for (const WrittenFile& file : published_files(session)) {
    throw_if_interrupted();
    run.take(session.work(), file);
  }
  run.write("job.resolved.toml", session.job().resolved_toml);
  session.reporter().info("run_built", "", {{"run", session.run_id()}});
  run.write("run.jsonl", read_file(session.work() / "run.jsonl"));
  outcome.manifest = make_manifest(session, outcome.refusal.empty() ? "published" : "candidate", outcome.refusal);
  outcome.manifest["outputs"] = run.outputs();
  run.finish(outcome.manifest);
  outcome.run_id = session.run_id();
  outcome.folder = session.out_dir() / "runs" / session.run_id();
}

/// Who asks for one stage wants its result: what `run` passes over with a warning is an error then.
void refuse_skipped(Session& session, const std::string& stage) {
  const std::string why = session.runner().record(stage).details.value("skipped", "");
  if (why.empty()) return;
  if (stage == "evaluate" && !session.job().evaluate.enabled) throw UsageError(why + "; set it to true to evaluate");
  throw DataError(stage + ": " + why);
}

void run_in(Session& session, RunOutcome& outcome) {
  if (is_made_already(session, outcome)) {
    remove_unfinished_runs(session.out_dir());  // a kill after publication leaves an old run half removed
    load_results(session, outcome);
    session.reporter().info("nothing_new", "", {{"run", outcome.run_id}});
    return;
  }
  if (!session.runner().stands("ingest"))  // what does not fit ends here, not after an hour
    for (const StagePlan& stage : session.plan().stages) session.plan().check(stage.name);
  session.begin_run();
  session.runner().bring("export");
  const nlohmann::json previous = published_metrics(session.out_dir());
  refresh_previous(session, previous);
  load_results(session, outcome);
  if (!outcome.metrics.is_null())
    outcome.refusal = gate_refusal(outcome.metrics, previous.is_null() ? nullptr : &previous, session.job().evaluate);
  write_work_manifest(session);
  build_run(session, outcome);
  if (outcome.refusal.empty()) {
    publish(session.out_dir(), session.run_id());
    session.reporter().info("published", "", {{"run", session.run_id()}});
  } else {
    outcome.code = ExitCode::kEvaluationGate;
    outcome.refusal += "; the run is kept as " + outcome.folder.string() + ", " +
                       (session.out_dir() / "latest").string() + " is unchanged";
    remove_old_runs(session.out_dir());
    session.reporter().error("gate_refused", outcome.refusal, {});
  }
}

/// Logs how a run failed. What the input files hold is for the one who started the run, not for the log.
void log_failure(RunReporter& reporter, const Error& error) {
  const bool quotes_data = error.exit_code() == ExitCode::kData;
  reporter.error("failed", quotes_data ? "the input is wrong; the message is on standard error" : error.what(),
                 {{"exit_code", static_cast<int>(error.exit_code())}});
}

}  // namespace

RunOutcome run_job(const Job& job, const RunOptions& options, RunReporter& reporter) {
  RunOutcome outcome;
  try {
    Session session(job, options, reporter);
    run_in(session, outcome);
    write_prometheus(session.out_dir(), job, outcome);
  } catch (const Error& error) {
    log_failure(reporter, error);
    outcome.code = error.exit_code();
    if (outcome.code != ExitCode::kTryAgain && outcome.code != ExitCode::kOutput)
      write_prometheus(job.out_dir, job, outcome);
    throw;
  }
  return outcome;
}

RunOutcome run_stage(const Job& job, const std::string& stage, const RunOptions& options, RunReporter& reporter) {
  RunOutcome outcome;
  try {
    Session session(job, options, reporter);
    session.runner().bring(stage);
    write_work_manifest(session);
    refuse_skipped(session, stage);
    load_results(session, outcome);
    outcome.run_id = session.run_id();
    outcome.folder = session.work();
    outcome.manifest = nlohmann::json::parse(read_file(session.work() / "manifest.json"));
  } catch (const Error& error) {
    log_failure(reporter, error);
    throw;
  }
  return outcome;
}

}  // namespace nextbest
