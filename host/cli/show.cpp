#include "host/cli/show.hpp"

#include <locale>

#include <fmt/format.h>

#include "host/job/memory_size.hpp"
#include "host/job/progress.hpp"

namespace nextbest {
namespace {

using nlohmann::json;

/// 1469307 → "1,469,307".
std::string grouped(std::int64_t value) {
  const std::string digits = std::to_string(value);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && digits[i - 1] != '-' && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::int64_t number(const json& object, const char* key) {
  return object.is_object() ? object.value(key, std::int64_t{0}) : 0;
}

std::string sizes(const json& size) {
  return fmt::format("{} lines, {} orders, {} customers, {} products", grouped(number(size, "lines")),
                     grouped(number(size, "orders")), grouped(number(size, "customers")),
                     grouped(number(size, "items")));
}

std::string describe_data(const RunOutcome& outcome) {
  const json& quality = outcome.quality;
  if (!quality.is_object()) return "";
  std::string text = "Data\n";
  text += fmt::format("  read        {}\n", sizes(quality.value("read", json())));
  for (const json& finding : quality.value("findings", json::array()))
    if (number(finding, "lines") > 0)
      text += fmt::format("  {:<26}{:>12} lines {}\n", finding.value("rule", ""), grouped(number(finding, "lines")),
                          finding.value("action", ""));
  text += fmt::format("  after that  {}\n", sizes(quality.value("clean", json())));
  const json span = outcome.manifest.value("time_span", json::object());
  const json first = span.value("first", json()), last = span.value("as_of", json());
  if (first.is_string() && last.is_string())
    text += fmt::format("  from {} to {}\n", first.get<std::string>(), last.get<std::string>());
  return text + "\n";
}

/// A heading and one row of numbers with intervals for each list that has them.
std::string metric_table(const std::string& heading, const json& metrics, const std::string& target,
                         const std::vector<std::string>& shown) {
  std::string names, rows;
  for (const std::string& metric : shown) names += fmt::format("{:>26}", metric);
  const auto add_row = [&](const char* name, const json& values) {
    const json entries = values.value(target, json::object());
    std::string row;
    for (const std::string& metric : shown) {
      const json entry = entries.value(metric, json());
      row += entry.is_object() ? fmt::format("{:>8.4f} [{:.4f}, {:.4f}]", entry.value("value", 0.0),
                                             entry.value("lo", 0.0), entry.value("hi", 0.0))
                               : fmt::format("{:>26}", "");
    }
    if (row.find('[') != std::string::npos) rows += fmt::format("  {:<22}{}\n", name, row);
  };
  add_row("nextbest", metrics.value("targets", json::object()));
  const json baselines = metrics.value("baselines", json::object());
  for (const auto& [key, name] : {std::pair{"personal_frequency", "personal frequency"},
                                  std::pair{"popularity", "popularity"}, std::pair{"previous_run", "previous run"}})
    add_row(name, baselines.value(key, json::object()));
  return rows.empty() ? "" : fmt::format("{}\n  {:<22}{}\n{}\n", heading, "", names, rows);
}

std::string describe_quality(const RunOutcome& outcome) {
  const json& metrics = outcome.metrics;
  if (!metrics.is_object()) return "";
  const std::string target = metrics.value("targets", json::object()).contains("all") ? "all" : "new";
  std::string text;
  if (number(metrics, "customers") > 0)
    text += metric_table(fmt::format("Quality, {} customers with {} purchases, 95 % intervals",
                                     grouped(number(metrics, "customers")), target),
                         metrics, target, {"recall_at_10", "ndcg_at_10", "hit_rate_at_10"});
  if (const std::int64_t carts = number(metrics.value("protocol", json()), "carts"); carts > 0)
    text += metric_table(fmt::format("Basket completion, {} test orders with one line hidden", grouped(carts)), metrics,
                         target, {"attach_rate_at_5", "attach_rate_at_10", "attach_rate_at_20"});
  return text;
}

std::string describe_pairs(const json& pairs) {
  if (!pairs.is_array() || pairs.empty()) return "";
  std::string text = "Bought together\n";
  for (const json& pair : pairs) {
    const auto both = static_cast<double>(number(pair, "orders_both"));
    const double lift =
        both * static_cast<double>(number(pair, "orders")) /
        (static_cast<double>(number(pair, "orders_target")) * static_cast<double>(number(pair, "orders_item")));
    text += fmt::format("  {}  +  {}\n      {} orders with both, of {} and {}; {:.3g} times what chance would give",
                        pair.value("target", ""), pair.value("item", ""), grouped(number(pair, "orders_both")),
                        grouped(number(pair, "orders_target")), grouped(number(pair, "orders_item")), lift);
    if (pair.contains("customers_both")) text += fmt::format("; {} customers", grouped(number(pair, "customers_both")));
    text += "\n";
  }
  return text + "\n";
}

std::string describe_customer(const json& customer) {
  if (!customer.is_object()) return "";
  std::string text = fmt::format("Customer {}, {} orders, the newest of them\n", customer.value("customer", ""),
                                 grouped(number(customer, "orders")));
  for (const json& order : customer.value("newest", json::array())) {
    text += fmt::format("  {:<12}", order.value("day", ""));
    std::string items;
    for (const json& item : order.value("items", json::array()))
      items += (items.empty() ? "" : ", ") + item.get<std::string>();
    text += items;
    if (number(order, "more") > 0) text += fmt::format(", and {} more", number(order, "more"));
    text += "\n";
  }
  text += "  next best\n";
  int rank = 0;
  for (const json& entry : customer.value("list", json::array())) {
    if (++rank > 10) break;
    text += fmt::format("  {:>4}. {}  ({})\n", rank, entry.value("item", ""), entry.value("source", ""));
  }
  return text + "\n";
}

std::string describe_stages(const json& manifest) {
  std::string text = "Stages\n";
  for (const json& stage : manifest.value("stages", json::array())) {
    const json details = stage.value("details", json::object());
    const char* note = details.value("kept", false) ? "  kept" : details.contains("skipped") ? "  skipped" : "";
    text +=
        fmt::format("  {:<12}{:>8}   peak {:>10}{}\n", stage.value("name", ""),
                    short_seconds(stage.value("seconds", 0.0)), format_bytes(number(stage, "peak_host_bytes")), note);
  }
  return text + "\n";
}

}  // namespace

std::string describe_run(const RunOutcome& outcome) {
  if (outcome.nothing_new)
    return fmt::format("Nothing new: inputs and settings are those of run {}.\n{}\n", outcome.run_id,
                       outcome.folder.string());
  const std::string where = outcome.refusal.empty()
                                ? fmt::format("Published as run {}\n", outcome.run_id)
                                : fmt::format("Not published; run {} is kept as a candidate\n", outcome.run_id);
  return describe_data(outcome) + describe_quality(outcome) + describe_pairs(outcome.examples.value("pairs", json())) +
         describe_customer(outcome.examples.value("customer", json())) + describe_stages(outcome.manifest) + where +
         "  " + outcome.folder.string() + "\n";
}

std::string describe_stage(const RunOutcome& outcome, const std::string& stage) {
  std::string text;
  if (stage == "ingest" || stage == "check") text = describe_data(outcome);
  if (stage == "pairs") text = describe_pairs(outcome.examples.value("pairs", json()));
  if (stage == "evaluate") text = describe_quality(outcome);
  if (stage == "recommend") text = describe_customer(outcome.examples.value("customer", json()));
  return text + describe_stages(outcome.manifest) + outcome.folder.string() + "\n";
}

json summary_json(const RunOutcome& outcome) {
  json summary = {
      {"run_id", outcome.run_id},
      {"folder", outcome.folder.string()},
      {"exit_code", static_cast<int>(outcome.code)},
      {"published", outcome.code == ExitCode::kPublished && outcome.manifest.value("status", "") == "published"},
      {"nothing_new", outcome.nothing_new},
      {"stages", outcome.manifest.value("stages", json::array())}};
  if (!outcome.refusal.empty()) summary["refusal"] = outcome.refusal;
  if (outcome.metrics.is_object()) summary["targets"] = outcome.metrics.value("targets", json::object());
  if (outcome.quality.is_object())
    summary["data"] = {{"read", outcome.quality.value("read", json())},
                       {"clean", outcome.quality.value("clean", json())}};
  return summary;
}

}  // namespace nextbest
