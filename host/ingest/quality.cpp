#include "host/ingest/quality.hpp"

#include <nlohmann/json.hpp>

#include "host/ingest/findings.hpp"
#include "host/ingest/values.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

nlohmann::json json_of(const DataSize& size) {
  nlohmann::json json = {
      {"lines", size.lines}, {"orders", size.orders}, {"items", size.items}, {"customers", size.customers}};
  if (size.has_value) json["value"] = amount_text(size.value);
  return json;
}

DataSize size_from(const nlohmann::json& json) {
  DataSize size{json.at("lines"), json.at("orders"), json.at("items"), json.at("customers"), json.contains("value"), 0};
  if (size.has_value) size.value = parse_amount(json.at("value").get<std::string>()).value();
  return size;
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
          {"read", json_of(read)},
          {"distinct", json_of(distinct)},
          {"clean", json_of(clean)},
          {"findings", rules}};
}

QualityReport QualityReport::from_json(const nlohmann::json& json) {
  try {
    QualityReport report{size_from(json.at("read")), size_from(json.at("distinct")), size_from(json.at("clean")), {}};
    for (const auto& finding : json.at("findings")) {
      report.findings.push_back(
          {finding.at("rule"), finding.at("action"), finding.at("lines"), finding.at("share"), finding.at("examples")});
    }
    return report;
  } catch (const std::exception& error) {
    throw DamagedFile(std::string("the report of data quality cannot be read: ") + error.what());
  }
}

}  // namespace nextbest
