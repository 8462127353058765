#include "host/check/check.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "host/ingest/values.hpp"
#include "kernels/core/error.hpp"
#include "kernels/core/nearest.hpp"

namespace nextbest {
namespace {

std::string complaint(const GateRule& rule, const RuleFinding& finding) {
  const std::string found = rule.is_share ? fmt::format("{:.3f} % ({} lines)", finding.share * 100, finding.lines)
                                          : fmt::format("{} lines", finding.lines);
  std::string text = fmt::format("\"{}\": found {}", rule.text, found);
  for (std::size_t i = 0; i < finding.examples.size() && i < 2; ++i) text += "; e.g. " + finding.examples[i];
  return text;
}

/// Baskets with at least two items, which is where pairs come from.
bool has_pairs(const OrderLog& log) {
  for (Offset basket = 0; basket < log.baskets(); ++basket) {
    if (log.basket_offset[basket + 1] - log.basket_offset[basket] > 1) return true;
  }
  return false;
}

}  // namespace

const std::vector<std::string>& gate_rule_names() {
  static const std::vector<std::string> names = {"anonymous_lines",        "after_as_of",  "bad_rows",
                                                 "bulk_customers",         "duplicates",   "future_timestamps",
                                                 "lines_without_customer", "not_products", "repeated_orders",
                                                 "returned_purchases",     "returns",      "unjoined_items",
                                                 "unmatched_returns",      "volume_drop",  "zero_price",
                                                 "zero_quantity"};
  return names;
}

GateRule parse_gate_rule(const std::string& text) {
  GateRule rule;
  rule.text = std::string(trimmed(text));
  const std::size_t sign = rule.text.find('>');
  const auto fail = [&](const std::string& why) -> UsageError {
    return UsageError(
        fmt::format("[check] fail_on: \"{}\" {}; write for example \"unjoined_items>5%\" (share of the lines) "
                    "or \"duplicates>1000\" (lines)",
                    rule.text, why));
  };
  if (sign == std::string::npos) throw fail("is no rule");
  rule.name = std::string(trimmed(std::string_view(rule.text).substr(0, sign)));
  std::string_view limit = trimmed(std::string_view(rule.text).substr(sign + 1));
  rule.is_share = limit.ends_with('%');
  if (rule.is_share) limit = trimmed(limit.substr(0, limit.size() - 1));
  const auto [stop, error] = std::from_chars(limit.data(), limit.data() + limit.size(), rule.limit);
  if (error != std::errc() || stop != limit.data() + limit.size() || !(rule.limit >= 0)) throw fail("has no limit");
  const auto& names = gate_rule_names();
  if (std::find(names.begin(), names.end(), rule.name) == names.end()) {
    throw fail(fmt::format("names no finding{} There are {}",
                           did_you_mean(rule.name, names).empty() ? "." : did_you_mean(rule.name, names),
                           quoted_list(names)));
  }
  return rule;
}

void check_quality(const QualityReport& report, const CheckRules& rules) {
  std::string complaints;
  for (const std::string& text : rules.fail_on) {
    const GateRule rule = parse_gate_rule(text);
    for (const RuleFinding& finding : report.findings) {
      if (finding.rule != rule.name) continue;
      const bool fires =
          rule.is_share ? finding.share * 100 > rule.limit : static_cast<double>(finding.lines) > rule.limit;
      if (fires) complaints += (complaints.empty() ? "" : "; ") + complaint(rule, finding);
    }
  }
  if (complaints.empty()) return;
  throw GateFailed(ExitCode::kDataGate, "the data fail the job's rules: " + complaints +
                                            ". Mend the data, or change [check] fail_on when this is as it should be");
}

std::vector<Readiness> data_readiness(const OrderLog& log) {
  const bool customers = log.customers.size() > 0, times = !log.basket_time.empty();
  const std::string no_customers = "there are no customers; map [input.orders.columns] customer_id";
  const std::string no_times = "there are no times; map [input.orders.columns] ordered_at";
  const std::string neither = !customers ? no_customers : !times ? no_times : "";
  const bool pairs = has_pairs(log);
  const bool prices = log.has_prices() || !log.catalogue.price.empty();
  return {
      {"together", pairs, pairs ? "" : "no order has two different items"},
      {"after", customers && times, neither},
      {"next_best", customers, customers ? "" : no_customers},
      {"habit", customers, customers ? "" : no_customers},
      {"embeddings", customers, customers ? "" : no_customers},
      {"windows", customers && times, neither},
      {"prices", prices, prices ? "" : "there are no prices; map unit_price or line_value, or the catalogue's price"},
      {"margins", !log.catalogue.cost.empty(),
       log.catalogue.cost.empty() ? "there are no costs; map [input.items.columns] cost" : ""},
      {"categories", !log.catalogue.category.empty(),
       log.catalogue.category.empty() ? "there are no categories; map [input.items.columns] category" : ""},
      {"evaluation", customers || pairs, customers || pairs ? "" : "no order has two different items"},
  };
}

nlohmann::json to_json(const std::vector<Readiness>& readiness) {
  nlohmann::json json = nlohmann::json::array();
  for (const Readiness& output : readiness) {
    json.push_back({{"output", output.output}, {"ready", output.ready}, {"why", output.why}});
  }
  return json;
}

}  // namespace nextbest
