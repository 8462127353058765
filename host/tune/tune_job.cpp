#include "host/tune/tune_job.hpp"

#include <chrono>
#include <filesystem>

#include "host/evaluate/evaluate.hpp"
#include "host/evaluate/validation.hpp"
#include "host/job/session.hpp"
#include "host/store/atomic_file.hpp"
#include "host/tune/trial_log.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

/// More customers make trials dearer, but what they tell hardly surer.
constexpr Offset kJudged = 3000;
/// An earlier window with fewer customers than this tells nothing.
constexpr std::size_t kFewestEarlier = 100;

SplitPlan plan_of(const OrderLog& log, const Job& job) {
  SplitPlan plan =
      job.evaluate.enabled ? plan_split(log, job.evaluate, job.seed) : plan_validation(log, job.evaluate, job.seed);
  if (plan.lines(Part::kValidation) == 0)
    throw DataError("tune: there is no validation part to judge parameters on; choose an evaluate.split with one");
  return plan;
}

std::filesystem::path tuned_path(const Job& job) {
  const std::filesystem::path file(job.file);
  return file.parent_path() / (file.stem().string() + ".tuned.toml");
}

class Tuning {
 public:
  Tuning(Session& session, const TuneLimits& limits)
      : session_(session), limits_(limits), start_(std::chrono::steady_clock::now()) {}

  TuneOutcome run() {
    const Job& job = session_.job();
    session_.runner().bring("check");
    session_.reporter().set_stage("tune");
    const OrderLog& log = session_.log();
    const SplitPlan plan = plan_of(log, job);
    const RecommenderParams params = recommender_params(job);
    const HistoryPart train(log, plan.part, only(Part::kTrain), plan.train_until, plan.own_clocks);
    const bool owned = offers_owned(train.view(), params.recommend.owned);
    const SplitPlan earlier = plan_earlier(log, plan, job.seed);
    const HistoryPart before(log, earlier.part, only(Part::kTrain), earlier.train_until, earlier.own_clocks);
    TuneTask task{{}, !owned};
    task.windows.push_back(window_of(log, plan, train, owned));
    if (task.windows[0].customers.empty()) throw DataError("tune: no customer has a target in the validation part");
    TuneWindow second = window_of(log, earlier, before, owned);
    if (second.customers.size() >= kFewestEarlier) task.windows.push_back(std::move(second));
    TrialLog trials(session_.work() / "tune" / "trials.jsonl", session_.runner().key("evaluate"));
    TuneOutcome outcome;
    for (const TuneWindow& window : task.windows) outcome.customers += window.customers.size();
    outcome.recalled = trials.size();
    outcome.file = tuned_path(job).string();
    session_.reporter().info(
        "tune", "trials are judged on the validation part and on the window before it",
        {{"customers", outcome.customers}, {"windows", task.windows.size()}, {"recalled", outcome.recalled}});
    Context ctx = session_.context("trials");
    ctx.progress = {};
    outcome.result = tune(ctx, task, params, options(), callbacks(trials));
    replace_file(outcome.file, tuned_toml(outcome.result, session_.inputs_hash()));
    return outcome;
  }

 private:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

  TuneWindow window_of(const OrderLog& log, const SplitPlan& plan, const HistoryPart& history, bool owned) const {
    EvaluationSet set = validation_set(log, plan, history.view(), session_.job(), owned, kJudged, Idle::kLeftOut);
    return {history.view(), std::move(set.customer), std::move(set.targets)};
  }

  TuneOptions options() const {
    TuneOptions out{session_.job().seed, limits_.trials, {}};
    if (limits_.seconds > 0) out.seconds_left = [this] { return limits_.seconds - seconds(); };
    return out;
  }

  TuneCallbacks callbacks(TrialLog& trials) {
    TuneCallbacks out;
    out.recall = [&trials](std::size_t index) { return trials.recall(index); };
    out.record = [this, &trials](std::size_t index, const TrialRecord& record) {
      trials.record(index, record);
      if (!record.accepted) return;
      nlohmann::json fields = {{"source", record.source}, {"ndcg_at_10", record.ndcg}, {"gain", record.gain}};
      for (const TunedField& field : record.fields) fields[field.name] = field.text();
      session_.reporter().info("tune", record.source + ": better parameters", fields);
    };
    out.progress = [this](int done) {
      if (limits_.trials > 0) {
        session_.reporter().progress(done, limits_.trials, "trials");
      } else {
        session_.reporter().progress(static_cast<std::int64_t>(seconds()), static_cast<std::int64_t>(limits_.seconds),
                                     "seconds");
      }
    };
    return out;
  }

  Session& session_;
  TuneLimits limits_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace

TuneOutcome tune_job(const Job& job, const TuneLimits& limits, const RunOptions& options, RunReporter& reporter) {
  Session session(job, options, reporter);
  return Tuning(session, limits).run();
}

}  // namespace nextbest
