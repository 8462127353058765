#include <algorithm>
#include <cmath>

#include "kernels/core/expects.hpp"
#include "kernels/core/parallel.hpp"
#include "kernels/core/philox.hpp"
#include "models/blend/blend_search.hpp"
#include "models/blend/ranker_fit.hpp"
#include "models/recommender.hpp"

namespace nextbest {
namespace {

constexpr Offset kMostCustomers = 10'000;
constexpr std::uint64_t kFoldSeed = 0x666f'6c64, kFoldStream = 1;
constexpr Offset kBlock = 1024;
constexpr std::size_t kFewestInformative = 50;

// Places of the customers that are looked at: all, or `most` evenly spaced ones.
std::vector<Offset> sample_rows(Offset customers, Offset most) {
  std::vector<Offset> rows(std::min(customers, most));
  for (Offset i = 0; i < static_cast<Offset>(rows.size()); ++i)
    rows[i] = i * customers / static_cast<Offset>(rows.size());
  return rows;
}

std::vector<double> best_single_source(BlendSearch& search, std::size_t sources) {
  std::vector<double> best;
  double best_value = -1;
  for (std::size_t s = 0; s < sources; ++s) {
    std::vector<double> alone(sources, 0.0);
    alone[s] = 1;
    const double value = search.ndcg(alone);
    if (value > best_value) {
      best_value = value;
      best = std::move(alone);
    }
  }
  return best;
}

double ideal_dcg(Offset targets) {
  double sum = 0;
  for (Offset place = 0; place < std::min<Offset>(targets, 10); ++place)
    sum += 1 / std::log2(static_cast<double>(place) + 2);
  return sum;
}

// Adds the candidates of one customer: features, what was bought, and what decides ties.
void add_customer(const Recommender& recommender, const HistoryView& history, Code customer, const CandidatePool& pool,
                  const std::vector<Offset>& chosen, std::span<const float> weights, std::span<const Code> wanted,
                  RankerData& data) {
  const std::size_t before = data.x.size();
  data.x.resize(before + chosen.size() * data.features);
  recommender.features().fill(history, customer, pool, chosen, std::span(data.x).subspan(before));
  for (const Offset at : chosen) {
    const Code item = pool.item[at];
    data.label.push_back(std::binary_search(wanted.begin(), wanted.end(), item) ? 1.0f : 0.0f);
    data.sum.push_back(blend_score(pool.scores(at), weights));
    data.popularity.push_back(recommender.popularity()[item]);
    data.item.push_back(item);
  }
  data.offset.push_back(static_cast<Offset>(data.label.size()));
  data.fold.push_back(
      static_cast<int>(philox_below(kFoldSeed, kFoldStream, static_cast<std::uint64_t>(customer), kFolds)));
  data.ideal.push_back(ideal_dcg(static_cast<Offset>(wanted.size())));
}

RankerData ranker_data(Context& ctx, const BlendWindow& window, const std::vector<double>& weights,
                       const OfferRules& rules) {
  const auto& [recommender, history, customers, targets] = window;
  RankerData data;
  data.features = recommender.features().size();
  const std::vector<float> w(weights.begin(), weights.end());
  const std::vector<Offset> sampled = sample_rows(targets.rows(), kRankerCustomers);
  data.x.reserve(sampled.size() * static_cast<std::size_t>(kRankedCandidates) * data.features);
  for (std::size_t begin = 0; begin < sampled.size(); begin += kBlock) {
    const std::size_t end = std::min(sampled.size(), begin + kBlock);
    std::vector<Code> block;
    for (std::size_t i = begin; i < end; ++i) block.push_back(customers[sampled[i]]);
    const CandidatePool pool = recommender.pool(ctx, history, block, kPoolDepth, rules);
    for (Offset row = 0; row < pool.rows(); ++row) {
      const auto chosen = best_by_weights(pool, row, w, recommender.popularity(), kRankedCandidates);
      add_customer(recommender, history, block[row], pool, chosen, w, targets.row(sampled[begin + row]), data);
    }
  }
  return data;
}

}  // namespace

std::vector<double> fit_blend(Context& ctx, const Recommender& recommender, const HistoryView& history,
                              std::span<const Code> customers, const CsrView<float>& targets, const OfferRules& rules) {
  expects_equal(targets.rows(), static_cast<Offset>(customers.size()), "fit_blend", "rows of targets");
  std::vector<double> prior(recommender.weights().begin(), recommender.weights().end());
  if (prior.size() == 1) return prior;
  BlendSearch search(prior.size());
  const std::vector<Offset> sampled = sample_rows(targets.rows(), kMostCustomers);
  for (std::size_t begin = 0; begin < sampled.size(); begin += kBlock) {
    const std::size_t end = std::min(sampled.size(), begin + kBlock);
    const std::span<const Offset> rows(sampled.data() + begin, end - begin);
    std::vector<Code> block;
    for (const Offset row : rows) block.push_back(customers[row]);
    search.add(recommender.pool(ctx, history, block, kPoolDepth, rules), targets, rows, recommender.popularity());
  }
  if (search.informative() < kFewestInformative) return prior;
  std::vector<double> single = best_single_source(search, prior.size());
  const double from_prior = search.climb(ctx, prior), from_single = search.climb(ctx, single);
  std::vector<double> best = from_single > from_prior ? std::move(single) : std::move(prior);
  const double largest = *std::max_element(best.begin(), best.end());
  for (double& weight : best) weight /= largest > 0 ? largest : 1.0;
  return best;
}

FittedBlend fit_best_blend(Context& ctx, const BlendWindow& now, const BlendWindow* before, const OfferRules& rules) {
  FittedBlend fitted;
  fitted.model.own_clocks = now.history.own_clocks;
  fitted.model.weights = fit_blend(ctx, now.recommender, now.history, now.customers, now.targets, rules);
  if (fitted.model.weights.size() == 1) return fitted;
  const RankerData data = ranker_data(ctx, now, fitted.model.weights, rules);
  RankerData earlier;
  if (before) earlier = ranker_data(ctx, *before, fitted.model.weights, rules);
  fitted.report = fit_ranker(ctx, data, before ? &earlier : nullptr, fitted.model);
  return fitted;
}

}  // namespace nextbest
