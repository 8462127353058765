#include <algorithm>
#include <map>

#include "host/evaluate/history_part.hpp"
#include "host/export/tables.hpp"
#include "host/job/item_label.hpp"
#include "host/job/stages.hpp"

namespace nextbest {
namespace {

constexpr std::size_t kShownPairs = 10;

/// The pairs with the best scores, each unordered pair once and each item at most twice, so that they show different
/// things.
nlohmann::json best_pairs(const OrderLog& log, const PairTable& pairs) {
  std::vector<std::pair<float, Offset>> best;  // score, place
  for (Code target = 0; target + 1 < static_cast<Code>(pairs.offset.size()); ++target)
    for (Offset place = pairs.offset[target]; place < pairs.offset[target + 1]; ++place)
      if (pairs.item[place] > target) best.emplace_back(pairs.score[place], place);
  const std::size_t kept = std::min<std::size_t>(best.size(), 2000);
  const auto better = [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  };
  std::partial_sort(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(kept), best.end(), better);
  std::map<Code, int> shown;
  nlohmann::json list = nlohmann::json::array();
  for (std::size_t i = 0; i < kept && list.size() < kShownPairs; ++i) {
    const Offset place = best[i].second;
    const auto row = std::upper_bound(pairs.offset.begin(), pairs.offset.end(), place) - 1;
    const Code target = static_cast<Code>(row - pairs.offset.begin()), item = pairs.item[place];
    if (++shown[target] > 2 || ++shown[item] > 2) continue;
    nlohmann::json pair = {{"target", item_label(log, target)},
                           {"item", item_label(log, item)},
                           {"orders_both", pairs.count[place]},
                           {"orders_target", pairs.item_count[target]},
                           {"orders_item", pairs.item_count[item]},
                           {"orders", pairs.units},
                           {"score", pairs.score[place]}};
    if (!pairs.customers.empty()) pair["customers_both"] = pairs.customers[place];
    list.push_back(std::move(pair));
  }
  return list;
}

/// "together" is counted in orders; in customers' windows where the job asks for nothing else.
PairUnitsData units_of(const HistoryView& history, const PairsParams& params) {
  const bool orders = std::find(params.units.begin(), params.units.end(), "order") != params.units.end();
  return orders ? order_units(history, params) : customer_window_units(history, params);
}

StageOutcome run(Session& session) {
  const OrderLog& log = session.log();
  Context ctx = session.context("items");
  const HistoryPart history = learnt_history(log, session.job().evaluate);
  const PairUnitsData units = units_of(history.view(), session.job().pairs);
  const PairTable pairs = count_pairs(ctx, units, session.job().pairs);
  throw_if_interrupted();
  StageOutcome outcome;
  outcome.files = write_pairs({session.work(), "pairs"}, log, pairs, session.run_id());
  outcome.files.push_back(write_work_file(session, std::string(kExamples) + "pairs.json", best_pairs(log, pairs)));
  outcome.details = {{"orders", pairs.units},
                     {"pairs", pairs.item.size()},
                     {"sampled_orders", units.sampled_units},
                     {"dropped_lines", units.dropped_lines}};
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
          [&session] { return run(session); },
          [&session] { return restamp_table(session, "pairs"); }};
}

}  // namespace nextbest
