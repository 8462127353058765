#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "models/blend/params.hpp"
#include "models/history.hpp"
#include "models/ials/ials.hpp"
#include "models/pairs/params.hpp"
#include "models/source.hpp"

namespace nextbest {

struct RecommenderParams {
  RecommendParams recommend;
  PairsParams pairs;
  IalsParams embeddings;
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
  /// @throws UsageError a source that this program does not have
  static Recommender fit(Context& ctx, const HistoryView& history, const RecommenderParams& params,
                         const std::function<void(const std::string& event, double value)>& log = {});

  std::span<const std::string> source_names() const { return names_; }
  bool offers_owned() const { return offers_owned_; }  ///< what `owned = "auto"` came to
  /// One weight per source, >= 0; until set, the prior of blend/blend.hpp.
  std::span<const double> weights() const { return weights_; }
  void set_weights(std::vector<double> weights) { weights_ = std::move(weights); }
  const IalsFactors* embeddings() const { return factors_.get(); }  ///< null without the source "ials"

  /// Lists of one source / of the blend, with what customers own filtered inside unless offers_owned(). Worked off in
  /// blocks of customers; temporary memory is bounded by the block, not by the number of customers.
  Recommendations candidates(Context& ctx, std::size_t source, const HistoryView& history,
                             std::span<const Code> customers, Offset k, const OfferRules& rules) const;
  Recommendations recommend(Context& ctx, const HistoryView& history, std::span<const Code> customers, Offset k,
                            const OfferRules& rules) const;

 private:
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::vector<double> weights_;
  std::shared_ptr<const IalsFactors> factors_;
  std::vector<std::int64_t> popularity_;  ///< [items] orders with the item
  bool offers_owned_ = false;
};

/// The blend weights with the best mean NDCG@10 (ideal truncated) on targets, by coordinate search over a fixed grid
/// from several starts; deterministic. customers are ascending codes, targets [customers.size(), items].
std::vector<double> fit_blend(Context& ctx, const Recommender& recommender, const HistoryView& history,
                              std::span<const Code> customers, const CsrView<float>& targets, const OfferRules& rules);

}  // namespace nextbest
