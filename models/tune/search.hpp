#pragma once

#include <functional>
#include <string>
#include <vector>

#include "models/tune/bench.hpp"
#include "models/tune/space.hpp"

namespace nextbest {

struct TuneOptions {
  std::uint64_t seed = 20240131;
  int trials = 0;                          ///< 0 = as many as the time allows, at most kMostTrials
  std::function<double()> seconds_left{};  ///< empty: no limit; asked before every trial
};

inline constexpr int kMostTrials = 1000;

/// One fit of one source with some parameters, and what it came to. `gain` is the mean NDCG@10 of the blend with these
/// lists less that with the lists in place, over the same customers; `noise` its standard error; `least_gain` the gain
/// at the window where it is smallest.
struct TrialRecord {
  std::string source;
  std::string stage;               ///< "whole", or "first look" (fewer customers, fewer iterations) and "full"; "wide"
  std::vector<TunedField> fields;  ///< of the source
  double ndcg = 0, gain = 0, least_gain = 0, noise = 0;
  bool accepted = false;
  double seconds = 0;
};

/// What the search found about one parameter.
struct FieldFinding {
  std::string source, name;
  std::string before, found;
  double rank_correlation = 0;  ///< of the value with the gain over the source's first looks; 0 where too few
};

struct TuneResult {
  RecommenderParams params;
  double ndcg_before = 0, ndcg_after = 0;  ///< of the blend, mean over the judged customers
  int trials = 0;                          ///< first looks
  std::vector<FieldFinding> fields;        ///< all that were searched
  std::vector<std::string> sources;
  std::vector<double> gains;    ///< [sources] sums over their accepted trials
  std::vector<double> weights;  ///< [sources] of the blend at the end
};

struct TuneCallbacks {
  /// The record of the i-th measurement of an earlier, interrupted search of the same task, or null. A search is
  /// deterministic, so what it measured before need not be measured again.
  std::function<const TrialRecord*(std::size_t index)> recall{};
  /// Every measurement that was made now.
  std::function<void(std::size_t index, const TrialRecord&)> record{};
  std::function<void(int trials)> progress{};
};

/// Searches the parameters of all sources of params.recommend.sources for the best NDCG@10 of their blend on the task.
/// Every source gets a batch of trials, then the sources with more weight in the blend more of them. A trial moves one
/// parameter or two of the best so far, anywhere or near, with shrinking steps. Where there are customers enough, all
/// trials of a batch are looked at on a third of them (iALS always with a third of its iterations), the best half on
/// all (successive halving, Jamieson & Talwalkar 2016). The best of those takes the source's place when it gains more
/// than its own standard error, paired by customer, and something at every window, so that chance and season do not
/// pass for progress; then all weights are fitted again. At the end the embeddings try twice as many factors. The lists
/// of the other sources are not made again for a trial. Deterministic given seed and number of trials, for every number
/// of threads; with a time limit the number of trials depends on the machine.
/// @throws UsageError nothing to recommend from; Interrupted when ctx.cancelled says so
TuneResult tune(Context& ctx, const TuneTask& task, const RecommenderParams& start, const TuneOptions& options,
                const TuneCallbacks& callbacks);

}  // namespace nextbest
