#include <algorithm>
#include <cmath>

#include "host/evaluate/trial.hpp"

namespace nextbest {
namespace {

constexpr Offset kCustomers = 20'000, kListed = 20;
constexpr std::size_t kBins = 15;

struct Outcome {
  double probability;
  bool bought;
};

std::vector<Outcome> outcomes(Context& ctx, const Trial& trial, const Recommender& recommender, std::uint64_t seed) {
  TargetRules rules = target_rules(trial.plan.kind, trial.job.evaluate.targets);
  if (!recommender.offers_owned()) rules.new_only = true;
  rules.with_idle = trial.plan.kind == "time";
  const EvaluationSet all = select_targets(trial.log, trial.plan.part, Part::kTest, trial.read->view(), rules).set;
  const EvaluationSet set = sample_customers(all, kCustomers, seed);
  const Recommendations lists = recommender.recommend(ctx, trial.read->view(), set.customer, kListed, {});
  std::vector<Outcome> out;
  for (std::size_t row = 0; row < set.customer.size(); ++row) {
    const std::span<const Code> wanted = set.targets.view().row(static_cast<Offset>(row));
    for (std::size_t at = row * kListed; at < (row + 1) * kListed && lists.item[at] != kNoCode; ++at)
      out.push_back({recommender.blend().probability(lists.score[at]),
                     std::binary_search(wanted.begin(), wanted.end(), lists.item[at])});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Outcome& x, const Outcome& y) { return x.probability < y.probability; });
  return out;
}

}  // namespace

nlohmann::json calibration_json(Context& ctx, const Trial& trial, const Recommender& recommender, std::uint64_t seed) {
  const std::vector<Outcome> all = outcomes(ctx, trial, recommender, seed);
  const auto n = static_cast<double>(all.size());
  double error = 0, loss = 0, brier = 0;
  nlohmann::json bins = nlohmann::json::array();
  for (std::size_t bin = 0; bin < kBins && !all.empty(); ++bin) {
    const std::size_t begin = bin * all.size() / kBins, end = (bin + 1) * all.size() / kBins;
    double predicted = 0, bought = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const double p = std::clamp(all[i].probability, 1e-6, 1 - 1e-6), y = all[i].bought;
      predicted += all[i].probability;
      bought += y;
      loss -= y * std::log(p) + (1 - y) * std::log(1 - p);
      brier += (all[i].probability - y) * (all[i].probability - y);
    }
    if (end == begin) continue;
    const auto size = static_cast<double>(end - begin);
    error += std::abs(predicted - bought);
    bins.push_back({{"predicted", predicted / size}, {"bought", bought / size}, {"listed", end - begin}});
  }
  return {{"listed", all.size()},
          {"ece", n > 0 ? error / n : 0},
          {"log_loss", n > 0 ? loss / n : 0},
          {"brier", n > 0 ? brier / n : 0},
          {"bins", bins}};
}

}  // namespace nextbest
