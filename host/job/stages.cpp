#include "host/job/stages.hpp"

#include "host/job/files.hpp"
#include "host/store/atomic_file.hpp"

namespace nextbest {

const std::vector<std::string>& stage_names() {
  static const std::vector<std::string> kNames = {"ingest",    "check",    "pairs", "train",
                                                  "recommend", "evaluate", "export"};
  return kNames;
}

void add_stages(Session& session) {
  for (Stage (*make)(Session&) :
       {ingest_stage, check_stage, pairs_stage, evaluate_stage, train_stage, recommend_stage, export_stage})
    session.runner().add(make(session));
}

WrittenFile write_work_file(Session& session, const std::string& path, const nlohmann::json& json) {
  const std::filesystem::path file = session.work() / path;
  make_directories(file.parent_path());
  replace_file(file, json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  return {path, 0, 0, ""};
}

nlohmann::json read_work_file(const Session& session, const std::string& path) {
  const std::filesystem::path file = session.work() / path;
  if (!std::filesystem::exists(file)) return nullptr;
  nlohmann::json json = nlohmann::json::parse(read_file(file), nullptr, false);
  return json.is_discarded() ? nlohmann::json() : json;
}

}  // namespace nextbest
