#include "host/tune/trial_log.hpp"

#include <fstream>

#include <nlohmann/json.hpp>

#include "host/job/files.hpp"
#include "host/store/atomic_file.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

constexpr std::size_t kMostRecords = 100'000, kMostFields = 100;

nlohmann::json to_json(const TrialRecord& record) {
  nlohmann::json fields = nlohmann::json::array();
  for (const TunedField& field : record.fields) fields.push_back({field.name, field.value});
  return {{"source", record.source}, {"stage", record.stage},       {"fields", fields},
          {"ndcg", record.ndcg},     {"gain", record.gain},         {"least_gain", record.least_gain},
          {"noise", record.noise},   {"accepted", record.accepted}, {"seconds", record.seconds}};
}

/// Only what a search compares and takes over; throws what nlohmann throws when something is missing or not a number.
TrialRecord from_json(const nlohmann::json& json) {
  TrialRecord record;
  record.source = json.at("source").get<std::string>();
  record.stage = json.at("stage").get<std::string>();
  record.ndcg = json.at("ndcg").get<double>();
  record.gain = json.at("gain").get<double>();
  record.least_gain = json.at("least_gain").get<double>();
  record.noise = json.at("noise").get<double>();
  for (const nlohmann::json& field : json.at("fields")) {
    if (record.fields.size() >= kMostFields) break;
    TunedField known;
    known.name = field.at(0).get<std::string>();
    known.value = field.at(1).get<double>();
    record.fields.push_back(std::move(known));
  }
  return record;
}

}  // namespace

TrialLog::TrialLog(std::filesystem::path path, const std::string& key) : path_(std::move(path)), key_(key) {
  make_directories(path_.parent_path());
  std::ifstream in(path_);
  std::string line;
  if (in && std::getline(in, line)) {
    const nlohmann::json head = nlohmann::json::parse(line, nullptr, false);
    const bool ours = head.is_object() && head.value("key", "") == key_;
    while (ours && known_.size() < kMostRecords && std::getline(in, line)) {
      try {
        known_.push_back(from_json(nlohmann::json::parse(line)));
      } catch (const nlohmann::json::exception&) {
        break;
      }
    }
  }
  rewrite();
}

void TrialLog::rewrite() const {
  std::string text = nlohmann::json{{"key", key_}}.dump() + "\n";
  for (const TrialRecord& record : known_) text += to_json(record).dump() + "\n";
  replace_file(path_, text);
}

void TrialLog::record(std::size_t index, const TrialRecord& record) {
  const bool forgets = index < known_.size();
  known_.resize(index);
  known_.push_back(record);
  if (forgets) return rewrite();
  std::ofstream out(path_, std::ios::app);
  out << to_json(record).dump() << "\n" << std::flush;
  if (!out) throw OutputError(path_.string() + ": cannot be written");
}

}  // namespace nextbest
