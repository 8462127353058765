#include <algorithm>

#include "host/evaluate/history_part.hpp"
#include "host/export/tables.hpp"
#include "host/job/shown_pairs.hpp"
#include "host/job/stages.hpp"

namespace nextbest {
namespace {

/// "together" is counted in orders; in customers' windows where the job asks for nothing else.
PairUnitsData units_of(const HistoryView& history, const PairsParams& params) {
  const bool orders = std::find(params.units.begin(), params.units.end(), "order") != params.units.end();
  return orders ? order_units(history, params) : customer_window_units(history, params);
}

/// The units as they are counted, and what was cut from them.
std::unique_ptr<const PairIndex> index_of(Session& session, Context& ctx, StageOutcome& outcome) {
  const HistoryPart history = learnt_history(session.log(), session.job().evaluate);
  const PairUnitsData units = units_of(history.view(), session.job().pairs);
  outcome.details = {{"sampled_orders", units.sampled_units}, {"dropped_lines", units.dropped_lines}};
  return index_pairs(ctx, units.view());
}

StageOutcome run_pairs(Session& session) {
  const OrderLog& log = session.log();
  const PairsParams& params = session.job().pairs;
  Context ctx = session.context("items");
  StageOutcome outcome;
  const std::unique_ptr<const PairIndex> index = index_of(session, ctx, outcome);
  const auto table = open_pairs({session.work(), "pairs"}, log, session.run_id(), ctx);
  ShownPairs shown;
  std::int64_t pairs = 0, tiles = 0;
  count_pairs(ctx, *index, params, session.plan().stage("pairs").tile_bytes, [&](const PairTable& rows) {
    table->add(rows);
    shown.add(rows);
    pairs += rows.offset.back();
    ++tiles;
  });
  throw_if_interrupted();
  outcome.files = table->finish();
  outcome.files.push_back(write_work_file(session, std::string(kExamples) + "pairs.json", shown.list(log)));
  outcome.details["orders"] = index->totals.units;
  outcome.details["pairs"] = pairs;
  outcome.details["tiles"] = tiles;
  return outcome;
}

}  // namespace

Stage pairs_stage(Session& session) {
  const Job& job = session.job();
  const std::string settings = section_text(job, "pairs") + section_text(job, "check") + std::to_string(job.seed) +
                               (job.evaluate.refit == Refit::kFull ? "full" : "train");
  return {"pairs",
          {"ingest"},
          {"check"},
          settings,
          {"pairs", "pairs.old", std::string(kExamples) + "pairs.json"},
          [&session] { return run_pairs(session); },
          [&session] { return restamp_table(session, "pairs"); }};
}

}  // namespace nextbest
