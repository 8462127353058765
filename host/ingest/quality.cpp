#include "host/ingest/quality.hpp"

#include <nlohmann/json.hpp>

#include "host/ingest/findings.hpp"

namespace nextbest {
namespace {

nlohmann::json to_json(const DataSize& size) {
  nlohmann::json json = {
      {"lines", size.lines}, {"orders", size.orders}, {"items", size.items}, {"customers", size.customers}};
  if (size.has_value) json["value"] = amount_text(size.value);
  return json;
}

}  // namespace

nlohmann::json QualityReport::to_json() const {
  nlohmann::json rules = nlohmann::json::array();
  for (const RuleFinding& finding : findings) {
    rules.push_back({{"rule", finding.rule},
                     {"action", finding.action},
                     {"lines", finding.lines},
                     {"share", finding.share},
                     {"examples", finding.examples}});
  }
  return {{"schema_version", 1},
          {"read", nextbest::to_json(read)},
          {"distinct", nextbest::to_json(distinct)},
          {"clean", nextbest::to_json(clean)},
          {"findings", rules}};
}

}  // namespace nextbest
