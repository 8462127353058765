#include <algorithm>

#include "kernels/core/expects.hpp"
#include "models/blend/blend_search.hpp"
#include "models/recommender.hpp"

namespace nextbest {
namespace {

constexpr Offset kMostCustomers = 10'000;
constexpr Offset kBlock = 1024;
constexpr std::size_t kFewestInformative = 50;

// Places of the customers that are looked at: all, or kMostCustomers evenly spaced ones.
std::vector<Offset> sample_rows(Offset customers) {
  std::vector<Offset> rows(std::min(customers, kMostCustomers));
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

}  // namespace

std::vector<double> fit_blend(Context& ctx, const Recommender& recommender, const HistoryView& history,
                              std::span<const Code> customers, const CsrView<float>& targets, const OfferRules& rules) {
  expects_equal(targets.rows(), static_cast<Offset>(customers.size()), "fit_blend", "rows of targets");
  std::vector<double> prior(recommender.weights().begin(), recommender.weights().end());
  if (prior.size() == 1) return prior;
  BlendSearch search(prior.size());
  const std::vector<Offset> sampled = sample_rows(targets.rows());
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

}  // namespace nextbest
