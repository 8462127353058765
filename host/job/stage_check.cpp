#include <map>

#include "host/check/check.hpp"
#include "host/evaluate/evaluate.hpp"
#include "host/job/stages.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

/// The outputs of data_readiness that the tables of `[[export]]` are made from.
const std::map<std::string, std::string> kMadeFrom = {
    {"pairs", "together"}, {"next_best", "next_best"}, {"embeddings", "embeddings"}, {"evaluation_lists", "next_best"}};

/// A job that asks for what its data do not support fails here, before the work.
void refuse_impossible(Session& session, const std::vector<Readiness>& readiness) {
  const Job& job = session.job();
  for (const ExportTable& table : job.exports)
    for (const Readiness& output : readiness)
      if (!output.ready && kMadeFrom.contains(table.kind) && kMadeFrom.at(table.kind) == output.output)
        throw DataError("[[export]] kind = \"" + table.kind + "\" cannot be made: " + output.why);
  if (job.evaluate.enabled && job.evaluate.split_given) {
    const std::string why = why_not_evaluated(session.log(), job.evaluate);
    if (!why.empty()) throw DataError(why);
  }
}

StageOutcome run_check(Session& session) {
  const nlohmann::json cleaning = read_work_file(session, kCleaning);
  const std::vector<Readiness> readiness = data_readiness(session.log());
  nlohmann::json report = cleaning;
  report["readiness"] = to_json(readiness);
  StageOutcome outcome;
  outcome.files = {write_work_file(session, "data_quality.json", report)};
  check_quality(QualityReport::from_json(cleaning), session.job().check);
  refuse_impossible(session, readiness);
  return outcome;
}

}  // namespace

Stage check_stage(Session& session) {
  const Job& job = session.job();
  std::string settings = section_text(job, "check") + section_text(job, "evaluate") + section_text(job, "export");
  return {"check", {"ingest"}, {}, settings, {"data_quality.json"}, [&session] { return run_check(session); }, {}};
}

}  // namespace nextbest
