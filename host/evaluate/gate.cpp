#include <fmt/format.h>

#include "host/evaluate/evaluate.hpp"

namespace nextbest {

std::string gate_refusal(const nlohmann::json& metrics, const nlohmann::json* previous_metrics,
                         const EvaluateParams& params) {
  const std::int64_t violations = metrics.value("rule_violations", std::int64_t{0});
  if (violations > params.gate_rule_violations_max)
    return fmt::format("{} places in the lists break a rule, evaluate.gate.rule_violations_max allows {}", violations,
                       params.gate_rule_violations_max);
  if (previous_metrics == nullptr || params.gate_ndcg_at_10_vs_previous_min <= 0) return "";
  const nlohmann::json::json_pointer at(params.targets == Targets::kNew ? "/targets/new/ndcg_at_10/value"
                                                                        : "/targets/all/ndcg_at_10/value");
  if (!metrics.contains(at) || !previous_metrics->contains(at)) return "";
  const double now = metrics.at(at), before = previous_metrics->at(at);
  if (now >= params.gate_ndcg_at_10_vs_previous_min * before) return "";
  return fmt::format(
      "NDCG@10 fell from {:.4f} in the previous run to {:.4f}; evaluate.gate.ndcg_at_10_vs_previous_min asks for {:g} "
      "times the previous value",
      before, now, params.gate_ndcg_at_10_vs_previous_min);
}

}  // namespace nextbest
