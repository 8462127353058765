#pragma once

#include <string>
#include <vector>

#include "host/ingest/quality.hpp"
#include "host/job/job.hpp"
#include "host/store/order_log.hpp"

namespace nextbest {

/// One `fail_on` rule, "name>5%" (share of the lines read; of the usual volume for volume_drop) or "name>1000" (lines).
struct GateRule {
  std::string text;
  std::string name;
  double limit = 0;
  bool is_share = false;
};

/// Reads a rule. @throws UsageError not of this form, or a name that no finding has (with the nearest)
GateRule parse_gate_rule(const std::string& text);

/// The names that a rule may have: every finding of the ingestion.
const std::vector<std::string>& gate_rule_names();

/// Holds the findings against the job's `fail_on` rules; a finding that is not there counts as none.
/// @throws GateFailed (exit 4) naming every rule that fires, what was found, and examples
void check_quality(const QualityReport& report, const CheckRules& rules);

/// Whether the data support an output, and if not, which column is missing.
struct Readiness {
  std::string output;  ///< e.g. together, after, next_best, embeddings, windows
  bool ready = false;
  std::string why;  ///< what is missing and how to give it; empty when ready
};

/// Which outputs this log supports.
std::vector<Readiness> data_readiness(const OrderLog& log);
nlohmann::json to_json(const std::vector<Readiness>& readiness);

}  // namespace nextbest
