#include "host/evaluate/history_part.hpp"
#include "host/export/tables.hpp"
#include "host/job/model_fit.hpp"
#include "host/job/stages.hpp"
#include "host/store/embeddings_file.hpp"

namespace nextbest {
namespace {

void append(std::vector<WrittenFile>& files, std::vector<WrittenFile> more) {
  files.insert(files.end(), more.begin(), more.end());
}

/// models/embeddings.h5 and the tables of the vectors and the ids.
void write_factors(Session& session, const IalsFactors& factors, StageOutcome& outcome) {
  const OrderLog& log = session.log();
  write_embeddings(session.work() / "models" / "embeddings.h5",
                   {log.items, log.customers, factors.dim, factors.items, factors.customers}, session.stamp("train"));
  outcome.files.push_back({"models/embeddings.h5", 0, log.items.size() + log.customers.size(), ""});
  append(outcome.files,
         write_embeddings_table({session.work(), "embeddings"}, log, factors.item_matrix(), factors.customer_matrix()));
  outcome.details["iteration_seconds"] = factors.iteration_seconds;
  outcome.details["objective"] = factors.objective;
}

StageOutcome run_train(Session& session) {
  StageOutcome outcome;
  const OrderLog& log = session.log();
  append(outcome.files, write_id_map({session.work(), "id_map"}, log));
  if (!session.has_customers()) {
    outcome.details = {{"skipped", kNoCustomers}};
    return outcome;
  }
  session.recommender = fit_models(session, nullptr);
  throw_if_interrupted();
  const Recommender& models = *session.recommender;
  outcome.details = {{"sources", std::vector<std::string>(models.source_names().begin(), models.source_names().end())},
                     {"owned", models.offers_owned() ? "allow" : "exclude"}};
  if (models.embeddings()) write_factors(session, *models.embeddings(), outcome);
  return outcome;
}

}  // namespace

Stage train_stage(Session& session) {
  return {"train",
          {"ingest"},
          {"check"},
          model_settings(session.job()),
          {"models", "embeddings", "id_map"},
          [&session] { return run_train(session); },
          {}};
}

}  // namespace nextbest
