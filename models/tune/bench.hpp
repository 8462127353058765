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

/// What trials are judged on: sources are fitted on `history`, and their lists are held against what the customers
/// bought next.
struct TuneTask {
  HistoryView history;
  std::vector<Code> customers;  ///< ascending; trials that are cut short look at evenly spaced ones
  Csr<float> targets;           ///< [customers, items]
  bool without_owned = false;   ///< what customers have is not offered
};

/// The lists of one source for the judged customers; made once, shared by all trials that need them.
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

  Offset customers() const { return static_cast<Offset>(task_.customers.size()); }
  /// Null where this version has no such source. @throws NumericalError when the parameters do not fit
  std::unique_ptr<Source> fit(Context& ctx, const std::string& name, const RecommenderParams& params) const;
  /// Lists for the customers at places 0, step, 2 step, ...
  SharedLists lists(Context& ctx, const Source& source, Offset step) const;
  /// Some rows of lists that were made with step 1.
  SharedLists every(const SourceLists& lists, Offset step) const;

  /// NDCG@10 of every customer at places 0, step, ... under the best weights that coordinate search finds: all of them,
  /// or only that of the source `vary`. weights are the start, and the best ones found afterwards.
  std::vector<double> ndcg(Context& ctx, std::span<const SharedLists> lists, Offset step,
                           std::optional<std::size_t> vary, std::vector<double>& weights) const;

 private:
  std::vector<Offset> places(Offset step) const;

  const TuneTask& task_;
  Offset depth_;
  std::vector<std::int64_t> popularity_;
  std::vector<std::uint64_t> eligible_;
};

}  // namespace nextbest
