#include "host/job/work_state.hpp"

#include "host/store/atomic_file.hpp"

namespace nextbest {
namespace {

constexpr int kStateVersion = 1;

nlohmann::json json_of(const StageFile& file) {
  return {{"path", file.file.path},
          {"bytes", file.file.bytes},
          {"rows", file.file.rows},
          {"sha256", file.file.sha256},
          {"modified_ns", file.modified_ns}};
}

StageFile file_from(const nlohmann::json& json) {
  return {{json.at("path"), json.at("bytes"), json.at("rows"), json.at("sha256")}, json.at("modified_ns")};
}

StageRecord record_from(const nlohmann::json& json) {
  StageRecord record;
  record.key = json.at("key");
  record.run_id = json.at("run_id");
  record.seconds = json.at("seconds");
  record.peak_host_bytes = json.at("peak_host_bytes");
  record.peak_device_bytes = json.at("peak_device_bytes");
  record.planned_host_bytes = json.at("planned_host_bytes");
  record.planned_device_bytes = json.at("planned_device_bytes");
  record.details = json.at("details");
  for (const nlohmann::json& file : json.at("files")) record.files.push_back(file_from(file));
  return record;
}

}  // namespace

nlohmann::json StageRecord::to_json(const std::string& name) const {
  return {{"name", name},
          {"seconds", seconds},
          {"peak_host_bytes", peak_host_bytes},
          {"peak_device_bytes", peak_device_bytes},
          {"planned_host_bytes", planned_host_bytes},
          {"planned_device_bytes", planned_device_bytes},
          {"details", details}};
}

WorkState WorkState::load(const std::filesystem::path& path, std::string& damaged) {
  damaged.clear();
  if (!std::filesystem::exists(path)) return {};
  try {
    const nlohmann::json json = nlohmann::json::parse(read_file(path));
    if (json.at("state_version") != kStateVersion) return {};
    WorkState state;
    state.run_id = json.at("run_id");
    for (const auto& [name, record] : json.at("stages").items()) state.stages[name] = record_from(record);
    for (const auto& [file, known] : json.at("inputs").items())
      state.inputs[file] = {{known.at("bytes"), known.at("modified_ns")}, known.at("fingerprint")};
    return state;
  } catch (const nlohmann::json::exception& error) {
    damaged = error.what();
    return {};
  }
}

void WorkState::save(const std::filesystem::path& path) const {
  nlohmann::json json = {{"state_version", kStateVersion},
                         {"run_id", run_id},
                         {"stages", nlohmann::json::object()},
                         {"inputs", nlohmann::json::object()}};
  for (const auto& [name, record] : stages) {
    nlohmann::json& entry = json["stages"][name] = record.to_json(name);
    entry["key"] = record.key;
    entry["run_id"] = record.run_id;
    entry["files"] = nlohmann::json::array();
    for (const StageFile& file : record.files) entry["files"].push_back(json_of(file));
  }
  for (const auto& [file, known] : inputs)
    json["inputs"][file] = {
        {"bytes", known.look.bytes}, {"modified_ns", known.look.modified_ns}, {"fingerprint", known.fingerprint}};
  replace_file(path, json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace nextbest
