#include "models/fit_sources.hpp"

#include <chrono>

#include "models/after/after.hpp"
#include "models/ease/ease.hpp"
#include "models/habit/habit.hpp"
#include "models/item_item/item_item.hpp"
#include "models/popularity/popularity.hpp"
#include "models/replenish/replenish.hpp"
#include "models/ridge/ridge.hpp"
#include "models/together/together.hpp"
#include "models/voting/voting.hpp"

namespace nextbest {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class Fitting {
 public:
  Fitting(Context& ctx, const HistoryView& history, const RecommenderParams& params,
          const std::vector<std::int64_t>& popularity, const FitLog& log)
      : ctx_(ctx), history_(history), params_(params), popularity_(popularity), log_(log) {}

  std::unique_ptr<Source> fit(const std::string& name) {
    const SourceParams& sources = params_.recommend.params;
    if (name == "habit") return make_habit_source(history_, popularity_, sources.habit);
    if (name == "voting") return fit_voting(ctx_, history_, popularity_, sources.voting);
    if (name == "together") return fit_together(ctx_, history_, popularity_, sources.together);
    if (name == "after") return fit_after(ctx_, history_, popularity_, sources.after);
    if (name == "ials") return fit_embeddings();
    if (name == "item_item") return fit_item_item(ctx_, history_, popularity_, sources.item_item);
    if (name == "ease") return fit_ease(ctx_, history_, popularity_, sources.ease);
    if (name == "replenish") return fit_replenish(history_, popularity_, sources.replenish);
    if (name == "ridge") return fit_ridge(ctx_, history_, popularity_, sources.ridge);
    return make_popularity_source(history_, sources.popularity);
  }
  std::shared_ptr<const IalsFactors> factors() const { return factors_; }

 private:
  std::unique_ptr<Source> fit_embeddings() {
    factors_ = params_.fitted;
    if (factors_) return make_ials_source(ctx_, factors_, params_.embeddings, popularity_);
    const auto on_iteration = [&](int, double objective) {
      if (log_) log_("ials: objective", objective);
    };
    factors_ = std::make_shared<const IalsFactors>(
        fit_ials(ctx_, ials_ratings(ctx_, history_, params_.embeddings), params_.embeddings, on_iteration));
    return make_ials_source(ctx_, factors_, params_.embeddings, popularity_);
  }

  Context& ctx_;
  const HistoryView& history_;
  const RecommenderParams& params_;
  const std::vector<std::int64_t>& popularity_;
  FitLog log_;
  std::shared_ptr<const IalsFactors> factors_;
};

}  // namespace

FittedSources fit_sources(Context& ctx, const HistoryView& history, const RecommenderParams& params,
                          const std::vector<std::int64_t>& popularity, const FitLog& log) {
  Fitting fitting(ctx, history, params, popularity, log);
  FittedSources fitted;
  for (const std::string& name : params.recommend.sources) {
    const Clock::time_point start = Clock::now();
    fitted.sources.push_back(fitting.fit(name));
    if (log) log(name + ": seconds", seconds_since(start));
  }
  fitted.factors = fitting.factors();
  return fitted;
}

std::unique_ptr<Source> fit_source(Context& ctx, const HistoryView& history, const RecommenderParams& params,
                                   const std::string& name, const std::vector<std::int64_t>& popularity) {
  return Fitting(ctx, history, params, popularity, {}).fit(name);
}

}  // namespace nextbest
