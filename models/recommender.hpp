#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "models/blend/blend.hpp"
#include "models/blend/params.hpp"
#include "models/blend/ranker.hpp"
#include "models/history.hpp"
#include "models/ials/ials.hpp"
#include "models/pairs/params.hpp"
#include "models/source.hpp"

namespace nextbest {

struct RecommenderParams {
  RecommendParams recommend;
  PairsParams pairs;
  IalsParams embeddings;
  std::shared_ptr<const IalsFactors>
      fitted;  ///< embeddings of this history and these parameters; null: they are fitted
};

/// Which items and lists are allowed beyond "owned". Rows of pinned and blocked are customers of the whole history.
struct OfferRules {
  std::vector<std::uint64_t> eligible;  ///< bit set over items; empty: every item with at least one order
  Csr<float> pinned, blocked;           ///< [customers, items]; may be empty
};

/// Lists for some customers, best first, closed by kNoCode.
struct Recommendations {
  Offset k = 0;
  std::vector<Code> customer;        ///< [rows]
  std::vector<Code> item;            ///< [rows, k]
  std::vector<float> score;          ///< [rows, k]
  std::vector<std::uint8_t> source;  ///< [rows, k] index into source_names(): the one that contributed most
};

/// All sources of a job, fitted on one history, and the blend of them.
class Recommender {
 public:
  /// Fits every source of params.recommend.sources, in that order. log gets "<source>: seconds" for each,
  /// "ials: objective" per iteration, "repeat share" and what `owned` came to.
  /// @throws UsageError a name that the contract does not know
  static Recommender fit(Context& ctx, const HistoryView& history, const RecommenderParams& params,
                         const std::function<void(const std::string& event, double value)>& log = {});

  std::span<const std::string> source_names() const { return names_; }
  /// One of the fitted sources by its name; null when it is not among them.
  const Source* source(std::string_view name) const;
  bool offers_owned() const { return offers_owned_; }  ///< what `owned = "auto"` came to; see kRepeatShareOfConsumables
  /// One weight per source, >= 0; until set, the prior of blend/blend.hpp.
  std::span<const double> weights() const { return blend_.weights; }
  void set_weights(std::vector<double> weights);
  /// A blend that was fitted for the same sources.
  const BlendModel& blend() const { return blend_; }
  void set_blend(BlendModel blend);
  const BlendFeatures& features() const { return features_; }       ///< what logistic regression and trees look at
  const IalsFactors* embeddings() const { return factors_.get(); }  ///< null without the source "ials"
  std::span<const std::int64_t> popularity() const { return popularity_; }  ///< [items] orders with the item

  /// Lists of one source / of the blend, with what customers own filtered inside unless offers_owned(). Worked off in
  /// blocks of customers; temporary memory is bounded by the block, not by the number of customers. A list of the
  /// blend has k items whenever so many pass the filter and "popularity" is among the sources, which fills; without
  /// it, whenever the sources have so many to offer. ctx.progress is told customers; when ctx.cancelled says yes, the
  /// rest of the lists stays empty.
  /// customers  ascending codes
  Recommendations candidates(Context& ctx, std::size_t source, const HistoryView& history,
                             std::span<const Code> customers, Offset k, const OfferRules& rules) const;
  Recommendations recommend(Context& ctx, const HistoryView& history, std::span<const Code> customers, Offset k,
                            const OfferRules& rules) const;

  /// What the blend chooses from: the `depth` best of every source, merged and normalised; pins are left out.
  CandidatePool pool(Context& ctx, const HistoryView& history, std::span<const Code> customers, Offset depth,
                     const OfferRules& rules) const;

 private:
  CandidatePool pool(Context& ctx, const HistoryView& history, std::span<const Code> customers, Offset depth,
                     TopKFilter filter) const;
  /// The candidates of one row that may be listed, with their scores in the blend.
  std::vector<ScoredCandidate> scores_of(const CandidatePool& pool, Offset row, Code customer,
                                         std::span<const float> weights, const HistoryView& history, Offset k) const;

  std::vector<std::string> names_;
  std::vector<std::unique_ptr<Source>> sources_;
  BlendModel blend_;
  BlendFeatures features_;
  std::shared_ptr<const IalsFactors> factors_;
  std::vector<std::int64_t> popularity_;  ///< [items] orders with the item
  bool offers_owned_ = false;
};

/// The share of lines in customers' second and later baskets whose item the customer had bought in an earlier one;
/// 0 where nobody has a second basket.
double repeat_share(const HistoryView& history);

/// `owned = "auto"`: customers are offered again what they have where at least this share of purchases are repeats.
/// Groceries lie at .3 to .6, a gift wholesaler near .3; ratings, check-ins and other histories that name each item
/// once lie at 0.
inline constexpr double kRepeatShareOfConsumables = 0.05;

/// Whether what customers own is offered to them again.
bool offers_owned(const HistoryView& history, Owned owned);

/// The candidates that every source gives at least.
inline constexpr Offset kPoolDepth = 100;

/// The blend weights with the best mean NDCG@10 (ideal truncated) on targets: coordinate search over a fixed grid, from
/// the weights that the recommender has and from the best single source; at most 10,000 customers, evenly spaced, are
/// looked at. Deterministic. The largest weight is 1. With fewer than 50 customers whose targets are among the
/// candidates there is nothing to learn from, and the weights stay as they are.
/// customers  ascending codes
/// targets    [customers.size(), items] ascending codes per row; values are not read
std::vector<double> fit_blend(Context& ctx, const Recommender& recommender, const HistoryView& history,
                              std::span<const Code> customers, const CsrView<float>& targets, const OfferRules& rules);

/// The blend that is best on targets: the weights of fit_blend(), logistic regression or trees, whichever
/// fit_ranker() takes, judged and calibrated on customers that each was not fitted on. At most kRankerCustomers
/// customers of each window, evenly spaced, are looked at. Deterministic.
struct FittedBlend {
  BlendModel model;
  BlendReport report;
};
/// Customers at one moment: what was known of them then, and what they bought next.
struct BlendWindow {
  const Recommender& recommender;  ///< fitted on `history`
  const HistoryView& history;
  std::span<const Code> customers;
  CsrView<float> targets;  ///< as above; rows may be empty: who bought nothing teaches what silence looks like
};
inline constexpr Offset kRankerCustomers = 10'000;
/// now     where weights are fitted and all kinds are judged
/// before  an earlier window for the kinds to learn from, or null
FittedBlend fit_best_blend(Context& ctx, const BlendWindow& now, const BlendWindow* before, const OfferRules& rules);

}  // namespace nextbest
