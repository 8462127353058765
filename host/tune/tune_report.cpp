#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "host/tune/tune_job.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

std::string section_of(const std::string& source) {
  return source == "ials" ? "embeddings" : "recommend." + source;
}

std::vector<const FieldFinding*> changed(const TuneResult& found) {
  std::vector<const FieldFinding*> out;
  for (const FieldFinding& field : found.fields)
    if (field.before != field.found) out.push_back(&field);
  return out;
}

}  // namespace

double parse_duration(const std::string& text, const std::string& what) {
  const auto refuse = [&] {
    return UsageError(what + ": \"" + text + "\" is not a duration; write e.g. 90s, 10m or 1.5h");
  };
  std::size_t read = 0;
  double value = 0;
  try {
    value = std::stod(text, &read);
  } catch (const std::exception&) {
    throw refuse();
  }
  const std::string unit = text.substr(read);
  const double seconds = unit.empty() || unit == "s" ? value
                         : unit == "m"               ? 60 * value
                         : unit == "h"               ? 3600 * value
                                                     : -1;
  if (!(seconds > 0) || !std::isfinite(seconds)) throw refuse();
  return seconds;
}

std::string tuned_toml(const TuneResult& found, const std::string& fingerprint) {
  std::string text = fmt::format(
      "# Found by `nextbest tune`; lies over the job file of the same name. Remove it to go back to the job's own.\n"
      "schema_version = 1\n\n[tuned]\nfingerprint = \"{}\"\ntrials = {}\nndcg_at_10_before = {:.6f}\n"
      "ndcg_at_10_after = {:.6f}\n",
      fingerprint, found.trials, found.ndcg_before, found.ndcg_after);
  std::string section;
  for (const FieldFinding* field : changed(found)) {
    if (section != section_of(field->source)) {
      section = section_of(field->source);
      text += "\n[" + section + "]\n";
    }
    text += field->name + " = " + field->found + "\n";
  }
  return text;
}

std::string describe_tuning(const TuneOutcome& outcome) {
  const TuneResult& found = outcome.result;
  std::string text = fmt::format(
      "{} trials on {} customers of the validation part and the window before it{}\nNDCG@10 of the blend {:.4f} -> "
      "{:.4f} ({:+.1f} %)\n\n",
      found.trials, outcome.customers,
      outcome.recalled > 0 ? fmt::format(" ({} measurements from before)", outcome.recalled) : "", found.ndcg_before,
      found.ndcg_after, found.ndcg_before > 0 ? 100 * (found.ndcg_after / found.ndcg_before - 1) : 0.0);
  text += fmt::format("{:14} {:>7} {:>9}\n", "source", "weight", "gain");
  for (std::size_t s = 0; s < found.sources.size(); ++s)
    text += fmt::format("{:14} {:7.2f} {:+9.4f}\n", found.sources[s], found.weights[s], found.gains[s]);
  std::vector<FieldFinding> fields = found.fields;
  std::stable_sort(fields.begin(), fields.end(), [](const FieldFinding& x, const FieldFinding& y) {
    return std::abs(x.rank_correlation) > std::abs(y.rank_correlation);
  });
  text +=
      fmt::format("\n{:38} {:>10} {:>10} {:>9}\n", "what mattered (rank correlation)", "before", "found", "with gain");
  for (const FieldFinding& field : fields)
    text += fmt::format("{:38} {:>10} {:>10} {:+9.2f}\n", section_of(field.source) + "." + field.name, field.before,
                        field.found, field.rank_correlation);
  return text + "\nwritten: " + outcome.file + "\n";
}

nlohmann::json tuning_json(const TuneOutcome& outcome) {
  const TuneResult& found = outcome.result;
  nlohmann::json out = {{"trials", found.trials},
                        {"customers", outcome.customers},
                        {"ndcg_at_10_before", found.ndcg_before},
                        {"ndcg_at_10_after", found.ndcg_after},
                        {"file", outcome.file},
                        {"sources", nlohmann::json::object()},
                        {"fields", nlohmann::json::array()}};
  for (std::size_t s = 0; s < found.sources.size(); ++s)
    out["sources"][found.sources[s]] = {{"weight", found.weights[s]}, {"gain", found.gains[s]}};
  for (const FieldFinding& field : found.fields)
    out["fields"].push_back({{"key", section_of(field.source) + "." + field.name},
                             {"before", field.before},
                             {"found", field.found},
                             {"rank_correlation", field.rank_correlation}});
  return out;
}

}  // namespace nextbest
