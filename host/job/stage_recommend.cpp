#include <numeric>

#include "host/evaluate/blend_file.hpp"
#include "host/evaluate/evaluate.hpp"
#include "host/evaluate/history_part.hpp"
#include "host/export/tables.hpp"
#include "host/job/item_label.hpp"
#include "host/job/model_fit.hpp"
#include "host/job/stages.hpp"
#include "host/job/time_text.hpp"

namespace nextbest {
namespace {

/// The blend that the evaluation fitted; without one, fitted on the newest part of the data; else the prior.
void take_blend(Session& session, Recommender& models) {
  if (session.runner().record("evaluate").details.contains("blend_weights")) {
    models.set_blend(read_blend(read_work_file(session, kBlendFile), models.features()));
    return;
  }
  Context ctx = session.context("customers");
  if (auto blend = fit_blend_on_validation(ctx, session.log(), session.job(), session.reporter()))
    models.set_blend(std::move(*blend));
}

/// The customer whom people are shown: the first with a few orders, else the first.
Code shown_customer(const OrderLog& log) {
  for (Code c = 0; c < static_cast<Code>(log.customers.size()); ++c)
    if (log.customer_offset[c + 1] - log.customer_offset[c] >= 5) return c;
  return 0;
}

/// The newest orders and the list of the customer in `row` of the lists.
nlohmann::json example(const OrderLog& log, const Recommendations& lists, Offset row, const Recommender& models) {
  constexpr Offset kOrders = 4, kItems = 6;
  const Code customer = lists.customer[row];
  nlohmann::json orders = nlohmann::json::array(), list = nlohmann::json::array();
  const Offset end = log.customer_offset[customer + 1], all = end - log.customer_offset[customer];
  for (Offset b = end - std::min(all, kOrders); b < end; ++b) {
    nlohmann::json items = nlohmann::json::array();
    const Offset first = log.basket_offset[b], lines = log.basket_offset[b + 1] - first;
    for (Offset l = first; l < first + std::min(lines, kItems); ++l) items.push_back(item_label(log, log.line_item[l]));
    orders.push_back({{"day", log.basket_time.empty() ? "" : day_text(log.basket_time[b])},
                      {"items", items},
                      {"more", std::max<Offset>(0, lines - kItems)}});
  }
  for (Offset place = row * lists.k; place < (row + 1) * lists.k; ++place) {
    if (lists.item[place] == kNoCode) break;
    list.push_back({{"item", item_label(log, lists.item[place])},
                    {"score", lists.score[place]},
                    {"source", models.source_names()[lists.source[place]]}});
  }
  return {{"customer", log.customers.text(customer)}, {"orders", all}, {"newest", orders}, {"list", list}};
}

/// Makes the lists block by block, so that memory does not grow with the number of customers, and gives each block
/// away.
template <class Take>
void recommend_in_blocks(Session& session, const Recommender& models, const Take& take) {
  constexpr Offset kBlock = Offset{1} << 16;
  const Offset customers = session.log().customers.size();
  const HistoryPart history = read_history(session.log(), session.job().evaluate);
  Context ctx = session.context("customers");
  for (Offset begin = 0; begin < customers; begin += kBlock) {
    std::vector<Code> block(static_cast<std::size_t>(std::min(kBlock, customers - begin)));
    std::iota(block.begin(), block.end(), static_cast<Code>(begin));
    ctx.progress = [&](std::int64_t done, std::int64_t) {
      session.reporter().progress(begin + done, customers, "customers");
    };
    const Recommendations lists = models.recommend(ctx, history.view(), block, session.job().recommend.list_size, {});
    throw_if_interrupted();
    take(lists);
  }
}

StageOutcome run_recommend(Session& session) {
  if (!session.has_customers()) return {{}, {{"skipped", kNoCustomers}}};
  const OrderLog& log = session.log();
  trained_models(session);
  Recommender& models = *session.recommender;
  take_blend(session, models);
  const std::vector<std::string> names(models.source_names().begin(), models.source_names().end());
  const auto table = open_next_best({session.work(), "next_best"}, log, names, session.run_id(),
                                    models.blend().probability, session.context("customers"));
  const Code shown = shown_customer(log);
  nlohmann::json shown_list;
  recommend_in_blocks(session, models, [&](const Recommendations& lists) {
    table->add(lists);
    if (const Code row = shown - lists.customer.front(); row >= 0 && row < static_cast<Code>(lists.customer.size()))
      shown_list = example(log, lists, row, models);
  });
  StageOutcome outcome;
  outcome.files = table->finish();
  outcome.files.push_back(write_work_file(session, std::string(kExamples) + "customer.json", shown_list));
  outcome.details = {{"customers", log.customers.size()}};
  for (std::size_t s = 0; s < names.size(); ++s) outcome.details["blend_weights"][names[s]] = models.weights()[s];
  return outcome;
}

}  // namespace

Stage recommend_stage(Session& session) {
  const Job& job = session.job();
  return {"recommend",
          {"ingest", "evaluate", "train"},
          {"check"},
          section_text(job, "recommend") + section_text(job, "evaluate"),
          {"next_best", "next_best.old", std::string(kExamples) + "customer.json"},
          [&session] { return run_recommend(session); },
          [&session] { return restamp_table(session, "next_best"); }};
}

}  // namespace nextbest
