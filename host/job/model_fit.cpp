#include "host/job/model_fit.hpp"

#include <fmt/format.h>

#include "host/evaluate/validation.hpp"
#include "host/store/embeddings_file.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

std::shared_ptr<const IalsFactors> stored_factors(Session& session) {
  const std::filesystem::path path = session.work() / "models" / "embeddings.h5";
  if (!std::filesystem::exists(path)) return nullptr;
  try {
    EmbeddingsFile file = read_embeddings(path);
    auto factors = std::make_shared<IalsFactors>();
    factors->dim = file.dim;
    factors->items = std::move(file.item_factors);
    factors->customers = std::move(file.customer_factors);
    return factors;
  } catch (const DamagedFile& damage) {
    session.runner().rebuild("train", damage.what());
    return nullptr;
  }
}

}  // namespace

std::string model_settings(const Job& job) {
  Job copy = job;
  copy.recommend.list_size = 1;  // how much is listed is no matter of the models
  std::string text =
      fmt::format("{} {} {}\n", job.seed, static_cast<int>(job.evaluate.refit), static_cast<int>(job.evaluate.targets));
  for (const char* section : {"pairs", "check", "embeddings", "recommend"}) text += section_text(copy, section);
  return text;
}

Recommender fit_models(Session& session, std::shared_ptr<const IalsFactors> factors) {
  Context ctx = session.context("rows");
  const HistoryPart history = learnt_history(session.log(), session.job().evaluate);
  RecommenderParams params = recommender_params(session.job());
  params.fitted = std::move(factors);
  return Recommender::fit(ctx, history.view(), params, [&](const std::string& event, double value) {
    session.reporter().info("fit", event, {{"value", value}});
  });
}

const Recommender& trained_models(Session& session) {
  if (!session.recommender) {
    const std::shared_ptr<const IalsFactors> factors = stored_factors(session);
    if (!session.recommender) session.recommender = fit_models(session, factors);
  }
  return *session.recommender;
}

}  // namespace nextbest
