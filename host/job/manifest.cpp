#include "host/job/manifest.hpp"

#include <chrono>

#include <fmt/format.h>

#include "host/job/stages.hpp"
#include "host/store/atomic_file.hpp"

namespace nextbest {
namespace {

/// Details that stand elsewhere in the manifest, or are for the program alone, are not repeated in the stage.
constexpr const char* kMoved[] = {"inputs", "first_time", "as_of", "size"};

nlohmann::json stage_list(Session& session) {
  nlohmann::json list = nlohmann::json::array();
  for (const std::string& name : stage_names()) {
    const auto found = session.runner().state().stages.find(name);
    if (found == session.runner().state().stages.end()) continue;
    nlohmann::json entry = found->second.to_json(name);
    for (const char* key : kMoved) entry["details"].erase(key);
    if (session.runner().was_kept(name)) entry["details"]["kept"] = true;
    list.push_back(std::move(entry));
  }
  return list;
}

std::string prometheus_label(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

}  // namespace

nlohmann::json make_manifest(Session& session, const std::string& status, const std::string& refusal) {
  const Job& job = session.job();
  nlohmann::json manifest = {{"schema_version", 1},
                             {"program", "nextbest"},
                             {"version", NEXTBEST_VERSION},
                             {"run_id", session.run_id()},
                             {"job", job.name},
                             {"status", status},
                             {"created_at", timestamp_now()},
                             {"key", session.runner().key("export")},
                             {"seed", job.seed},
                             {"device", session.device() == Device::kCuda ? "cuda" : "cpu"},
                             {"threads", session.context("").threads},
                             {"configuration", resolved_json(job)},
                             {"inputs_hash", session.inputs_hash()},
                             {"stages", stage_list(session)}};
  const auto ingest = session.runner().state().stages.find("ingest");
  if (ingest != session.runner().state().stages.end()) {
    const nlohmann::json& details = ingest->second.details;
    manifest["inputs"] = details.value("inputs", nlohmann::json::array());
    manifest["time_span"] = {{"first", details.value("first_time", nlohmann::json())},
                             {"as_of", details.value("as_of", nlohmann::json())}};
  }
  manifest["gates"] = {{"data", {{"passed", true}, {"fail_on", job.check.fail_on}}},
                       {"evaluation", {{"passed", refusal.empty()}, {"refusal", refusal}}}};
  return manifest;
}

std::vector<WrittenFile> published_files(Session& session) {
  std::vector<WrittenFile> files;
  for (const auto& [name, record] : session.runner().state().stages)
    for (const StageFile& file : record.files)
      if (!file.file.path.starts_with(kExamples) && file.file.path != kCleaning) files.push_back(file.file);
  return files;
}

void write_prometheus(const std::filesystem::path& out_dir, const Job& job, const RunOutcome& outcome) {
  const std::string label = "job=\"" + prometheus_label(job.name) + "\"";
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  std::string text = fmt::format(
      "# HELP nextbest_run_timestamp_seconds When the last run ended.\n"
      "# TYPE nextbest_run_timestamp_seconds gauge\nnextbest_run_timestamp_seconds{{{0}}} {1:.3f}\n"
      "# HELP nextbest_run_exit_code Exit code of the last run.\n"
      "# TYPE nextbest_run_exit_code gauge\nnextbest_run_exit_code{{{0}}} {2}\n",
      label, now, static_cast<int>(outcome.code));
  const nlohmann::json stages = outcome.manifest.value("stages", nlohmann::json::array());
  for (const auto& [metric, key] : {std::pair{"nextbest_stage_seconds", "seconds"},
                                    std::pair{"nextbest_stage_peak_host_bytes", "peak_host_bytes"}}) {
    text += fmt::format("# TYPE {} gauge\n", metric);
    for (const nlohmann::json& stage : stages)
      text += fmt::format("{}{{{},stage=\"{}\"}} {}\n", metric, label, stage.at("name").get<std::string>(),
                          stage.at(key).dump());
  }
  const nlohmann::json::json_pointer ndcg("/targets/all/ndcg_at_10/value");
  if (outcome.metrics.is_object() && outcome.metrics.contains(ndcg))
    text += fmt::format("# TYPE nextbest_ndcg_at_10 gauge\nnextbest_ndcg_at_10{{{}}} {}\n", label,
                        outcome.metrics.at(ndcg).dump());
  replace_file(out_dir / "work" / "nextbest.prom", text);
}

}  // namespace nextbest
