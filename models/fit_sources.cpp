#include "models/fit_sources.hpp"

#include <chrono>

#include "kernels/core/error.hpp"
#include "models/habit/habit.hpp"
#include "models/popularity/popularity.hpp"

namespace nextbest {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Null where this version has no such source.
std::unique_ptr<Source> fit_source(const std::string& name, const HistoryView& history,
                                   const std::vector<std::int64_t>& popularity) {
  if (name == "habit") return make_habit_source(popularity);
  if (name == "popularity") return make_popularity_source(history);
  return nullptr;
}

}  // namespace

FittedSources fit_sources(Context& ctx, const HistoryView& history, const RecommenderParams& params,
                          const std::vector<std::int64_t>& popularity, const FitLog& log) {
  (void)ctx;
  FittedSources fitted;
  for (const std::string& name : params.recommend.sources) {
    const Clock::time_point start = Clock::now();
    std::unique_ptr<Source> source = fit_source(name, history, popularity);
    if (log) source ? log(name + ": seconds", seconds_since(start)) : log(name + ": not in this version, skipped", 0);
    if (source) fitted.sources.push_back(std::move(source));
  }
  if (fitted.sources.empty())
    throw UsageError("recommend.sources: this version has none of the named sources; add \"habit\" or \"popularity\"");
  return fitted;
}

}  // namespace nextbest
