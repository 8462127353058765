#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/recommender.hpp"

namespace nextbest {

using FitLog = std::function<void(const std::string& event, double value)>;

struct FittedSources {
  std::vector<std::unique_ptr<Source>> sources;
  std::shared_ptr<const IalsFactors> factors;  ///< of the source "ials"
};

/// Fits the named sources one after another; see Recommender::fit.
FittedSources fit_sources(Context& ctx, const HistoryView& history, const RecommenderParams& params,
                          const std::vector<std::int64_t>& popularity, const FitLog& log);

/// One of them; null where this version has no such source.
std::unique_ptr<Source> fit_source(Context& ctx, const HistoryView& history, const RecommenderParams& params,
                                   const std::string& name, const std::vector<std::int64_t>& popularity);

}  // namespace nextbest
