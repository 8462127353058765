#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "models/recommender.hpp"

namespace nextbest {

/// A moment that trials are judged at: sources are fitted on `history`, and their lists are held against what the
/// customers bought next.
struct TuneWindow {
  HistoryView history;
  std::vector<Code> customers;  ///< ascending; trials that are cut short look at evenly spaced ones
  Csr<float> targets;           ///< [customers, items]
};
struct TuneTask {
  std::vector<TuneWindow> windows;  ///< several tell what lasts from what one month liked
  bool without_owned = false;       ///< what customers have is not offered
};

/// A source with the same parameters, fitted at every window.
using FittedWindows = std::vector<std::unique_ptr<Source>>;

/// The lists of one source for the judged customers, window after window; made once, shared by all trials that need
/// them.
struct SourceLists {
  Offset k = 0;
  std::vector<Code> item;    ///< [customers, k]
  std::vector<float> score;  ///< [customers, k] normalised
};
using SharedLists = std::shared_ptr<SourceLists>;

/// Fits single sources and measures blends of their lists.
class TuneBench {
 public:
  /// depth  candidates of each source
  TuneBench(const TuneTask& task, Offset depth);

  Offset customers() const { return first_row(task_.windows.size(), 1); }
  /// Where the rows of a window begin among those of the customers at places 0, step, 2 step, ... of every window.
  Offset first_row(std::size_t window, Offset step) const;
  /// Empty where this version has no such source. @throws NumericalError when the parameters do not fit
  FittedWindows fit(Context& ctx, const std::string& name, const RecommenderParams& params) const;
  /// Lists for the customers at places 0, step, 2 step, ...
  SharedLists lists(Context& ctx, const FittedWindows& source, Offset step) const;
  /// Some rows of lists that were made with step 1.
  SharedLists every(const SourceLists& lists, Offset step) const;

  /// NDCG@10 of every customer at places 0, step, ... under the best weights that coordinate search finds: all of them,
  /// or only that of the source `vary`. weights are the start, and the best ones found afterwards.
  std::vector<double> ndcg(Context& ctx, std::span<const SharedLists> lists, Offset step,
                           std::optional<std::size_t> vary, std::vector<double>& weights) const;

 private:
  struct AtWindow {
    std::vector<std::int64_t> popularity;
    std::vector<std::uint64_t> eligible;
  };

  const TuneTask& task_;
  Offset depth_;
  std::vector<AtWindow> at_;  ///< [windows]
};

}  // namespace nextbest
