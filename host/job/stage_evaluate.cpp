#include "host/evaluate/evaluate.hpp"
#include "host/export/tables.hpp"
#include "host/job/model_fit.hpp"
#include "host/job/publication.hpp"
#include "host/job/stages.hpp"

namespace nextbest {
namespace {

StageOutcome skipped(Session& session, const std::string& why) {
  session.reporter().warning("not_evaluated", "not evaluated: " + why, {});
  StageOutcome outcome;
  outcome.details = {{"skipped", why}};
  return outcome;
}

StageOutcome run_evaluate(Session& session) {
  const Job& job = session.job();
  if (!job.evaluate.enabled) return {{}, {{"skipped", "evaluate.enabled = false"}}};
  const OrderLog& log = session.log();
  const std::string why = why_not_evaluated(log, job.evaluate);
  if (!why.empty()) return skipped(session, why);
  Context ctx = session.context("customers");
  const nlohmann::json previous = published_metrics(session.out_dir());
  const EvaluationResult result = evaluate(ctx, log, job, session.reporter(), previous.is_null() ? nullptr : &previous);
  throw_if_interrupted();
  StageOutcome outcome;
  if (!result.lists.empty())
    outcome.files = write_evaluation_lists({session.work(), "evaluation_lists"}, log, result.set, result.lists);
  outcome.files.push_back(write_work_file(session, "metrics.json", result.metrics));
  if (!result.blend_file.is_null()) outcome.files.push_back(write_work_file(session, kBlendFile, result.blend_file));
  nlohmann::json weights = nlohmann::json::object();
  for (std::size_t s = 0; s < result.source_names.size(); ++s)
    weights[result.source_names[s]] = result.blend.weights[s];
  outcome.details = {{"customers", result.set.customer.size()}, {"blend_weights", weights}};
  return outcome;
}

}  // namespace

Stage evaluate_stage(Session& session) {
  const Job& job = session.job();
  return {"evaluate",
          {"ingest"},
          {"check"},
          model_settings(job) + section_text(job, "evaluate"),
          {"metrics.json", "evaluation_lists", kBlendFile},
          [&session] { return run_evaluate(session); },
          {}};
}

}  // namespace nextbest
