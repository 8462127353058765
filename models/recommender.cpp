#include "models/recommender.hpp"

#include <algorithm>

#include "kernels/core/expects.hpp"
#include "kernels/core/parallel.hpp"
#include "models/fit_sources.hpp"
#include "models/list_blocks.hpp"
#include "models/offer_filter.hpp"
#include "models/popularity/popularity.hpp"
#include "models/select.hpp"

namespace nextbest {
namespace {

// Lists of a block while they are made.
struct Lists {
  Lists(Offset rows, Offset k) : k_(k), item(rows * k, kNoCode), score(rows * k, 0.0f) {}
  TopKLists view() {
    const Offset rows = static_cast<Offset>(item.size()) / k_;
    return {{item.data(), rows, k_}, {score.data(), rows, k_}};
  }

 private:
  Offset k_;

 public:
  std::vector<Code> item;
  std::vector<float> score;
};

Recommendations empty_lists(std::span<const Code> customers, Offset k) {
  const std::size_t places = customers.size() * static_cast<std::size_t>(k);
  return {k,
          {customers.begin(), customers.end()},
          std::vector<Code>(places, kNoCode),
          std::vector<float>(places, 0.0f),
          std::vector<std::uint8_t>(places, 0)};
}

TopKLists rows_of(Recommendations& all, std::size_t begin, std::size_t rows) {
  const auto n = static_cast<Offset>(rows);
  const Offset at = static_cast<Offset>(begin) * all.k;
  return {{all.item.data() + at, n, all.k}, {all.score.data() + at, n, all.k}};
}

// Calls body(begin, customers of the block) for block after block.
template <class Body>
void for_each_block(Context& ctx, std::span<const Code> customers, const Body& body) {
  const auto block = static_cast<std::size_t>(list_block(ctx.device));
  for (std::size_t begin = 0; begin < customers.size(); begin += block) {
    if (ctx.cancelled && ctx.cancelled()) return;
    const std::size_t rows = std::min(block, customers.size() - begin);
    body(begin, customers.subspan(begin, rows));
    if (ctx.progress) ctx.progress(static_cast<Offset>(begin + rows), static_cast<Offset>(customers.size()));
  }
}

std::vector<std::uint64_t> eligible_bits(const OfferRules& rules, std::span<const std::int64_t> popularity,
                                         const HistoryView& history) {
  return rules.eligible.empty() ? bought_items(popularity, history) : rules.eligible;
}

bool offered_again(double repeats, Owned owned) {
  return owned == Owned::kAllow || (owned == Owned::kAuto && repeats >= kRepeatShareOfConsumables);
}

}  // namespace

Recommender Recommender::fit(Context& ctx, const HistoryView& history, const RecommenderParams& params,
                             const std::function<void(const std::string&, double)>& log) {
  params.recommend.validate();
  Recommender fitted;
  fitted.popularity_ = item_orders(history);
  FittedSources sources = fit_sources(ctx, history, params, fitted.popularity_, log);
  fitted.sources_ = std::move(sources.sources);
  fitted.factors_ = std::move(sources.factors);
  for (const auto& source : fitted.sources_) {
    fitted.names_.emplace_back(source->name());
    fitted.blend_.weights.push_back(prior_weight(source->name()));
  }
  // A single source is not blended: its items are not looked at.
  fitted.features_ = BlendFeatures(fitted.names_, fitted.names_.size() > 1 ? history : HistoryView{});
  const double repeats = repeat_share(history);
  fitted.offers_owned_ = offered_again(repeats, params.recommend.owned);
  if (log) {
    log("repeat share", repeats);
    log("offers owned items", fitted.offers_owned_);
  }
  return fitted;
}

const Source* Recommender::source(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  return found == names_.end() ? nullptr : sources_[static_cast<std::size_t>(found - names_.begin())].get();
}

void Recommender::set_weights(std::vector<double> weights) {
  expects_equal(static_cast<Offset>(weights.size()), static_cast<Offset>(sources_.size()), "set_weights", "weights");
  blend_ = {};
  blend_.weights = std::move(weights);
}

void Recommender::set_blend(BlendModel blend) {
  expects_equal(static_cast<Offset>(blend.weights.size()), static_cast<Offset>(sources_.size()), "set_blend",
                "weights");
  blend_ = std::move(blend);
}

Recommendations Recommender::candidates(Context& ctx, std::size_t source, const HistoryView& history,
                                        std::span<const Code> customers, Offset k, const OfferRules& rules) const {
  expects(source < sources_.size(), "candidates", "no such source");
  expects(k >= 1, "candidates", "k must be at least 1");
  Recommendations all = empty_lists(customers, k);
  std::fill(all.source.begin(), all.source.end(), static_cast<std::uint8_t>(source));
  const std::vector<std::uint64_t> eligible = eligible_bits(rules, popularity_, history);
  for_each_block(ctx, customers, [&](std::size_t begin, std::span<const Code> block) {
    const OfferFilter filter(ctx, history, block, rules, !offers_owned_, eligible);
    sources_[source]->candidates(ctx, history, block, filter.view(), rows_of(all, begin, block.size()));
  });
  return all;
}

CandidatePool Recommender::pool(Context& ctx, const HistoryView& history, std::span<const Code> customers, Offset depth,
                                TopKFilter filter) const {
  filter.pinned = {};  // pins open the blend's list; here the sources tell what they would offer without them
  std::vector<Lists> lists;
  std::vector<TopKLists> views;
  for (const auto& source : sources_) {
    lists.emplace_back(static_cast<Offset>(customers.size()), depth);
    views.push_back(lists.back().view());
    source->candidates(ctx, history, customers, filter, views.back());
  }
  return merge_lists(ctx, views);
}

CandidatePool Recommender::pool(Context& ctx, const HistoryView& history, std::span<const Code> customers, Offset depth,
                                const OfferRules& rules) const {
  const std::vector<std::uint64_t> eligible = eligible_bits(rules, popularity_, history);
  const OfferFilter filter(ctx, history, customers, rules, !offers_owned_, eligible);
  return pool(ctx, history, customers, depth, filter.view());
}

std::vector<ScoredCandidate> Recommender::scores_of(const CandidatePool& pool, Offset row, Code customer,
                                                    std::span<const float> weights, const HistoryView& history,
                                                    Offset k) const {
  std::vector<ScoredCandidate> scored;
  if (blend_.kind == BlendKind::kWeights) {
    for (Offset at = pool.offset[row]; at < pool.offset[row + 1]; ++at)
      scored.push_back({at, blend_score(pool.scores(at), weights)});
    return scored;
  }
  const std::vector<Offset> chosen = best_by_weights(pool, row, weights, popularity_, std::max(kRankedCandidates, k));
  std::vector<float> x(chosen.size() * features_.size());
  features_.fill(history, customer, pool, chosen, x);
  for (std::size_t i = 0; i < chosen.size(); ++i)
    scored.push_back({chosen[i], blend_.score(x.data() + i * features_.size())});
  return scored;
}

Recommendations Recommender::recommend(Context& ctx, const HistoryView& as_given, std::span<const Code> customers,
                                       Offset k, const OfferRules& rules) const {
  HistoryView history = as_given;
  history.own_clocks = history.own_clocks || blend_.own_clocks;
  if (sources_.size() == 1) return candidates(ctx, 0, history, customers, k, rules);
  expects(k >= 1, "recommend", "k must be at least 1");
  Recommendations all = empty_lists(customers, k);
  const std::vector<float> weights(blend_.weights.begin(), blend_.weights.end());
  const std::vector<std::uint64_t> eligible = eligible_bits(rules, popularity_, history);
  for_each_block(ctx, customers, [&](std::size_t begin, std::span<const Code> block) {
    const OfferFilter filter(ctx, history, block, rules, !offers_owned_, eligible);
    const CandidatePool pool = this->pool(ctx, history, block, candidates_for(k), filter.view());
    const TopKLists out = rows_of(all, begin, block.size());
    parallel_for(ctx, out.item.rows, 64, [&](Offset first, Offset last, int) {
      for (Offset row = first; row < last; ++row)
        blend_row(pool, row, weights, scores_of(pool, row, block[row], weights, history, k), popularity_, filter.view(),
                  out, {all.source.data() + (static_cast<Offset>(begin) + row) * k, static_cast<std::size_t>(k)});
    });
  });
  return all;
}

bool offers_owned(const HistoryView& history, Owned owned) {
  return offered_again(repeat_share(history), owned);
}

double repeat_share(const HistoryView& history) {
  std::int64_t repeats = 0, lines = 0;
  std::vector<Code> last_customer(history.items, kNoCode);
  for (Code c = 0; c < static_cast<Code>(history.customers()); ++c) {
    const Offset first = history.customer_offset[c];
    for (Offset b = first; b < history.customer_offset[c + 1]; ++b) {
      for (const Code item : history.basket(b)) {
        lines += b > first;
        repeats += last_customer[item] == c;
        last_customer[item] = c;
      }
    }
  }
  return lines == 0 ? 0.0 : static_cast<double>(repeats) / static_cast<double>(lines);
}

}  // namespace nextbest
