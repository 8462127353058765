#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "host/job/run_reporter.hpp"
#include "host/job/work_state.hpp"

namespace nextbest {

/// What a stage hands back.
struct StageOutcome {
  std::vector<WrittenFile> files;  ///< relative to the work folder; bytes and sha256 are filled in where missing
  nlohmann::json details = nlohmann::json::object();
};

/// A piece of the job whose result lies in files of the work folder.
struct Stage {
  std::string name;
  std::vector<std::string> needs;    ///< stages whose results it reads
  std::vector<std::string> after;    ///< stages that only have to have let it pass
  std::string settings;              ///< text: equal text and equal needs, equal result
  std::vector<std::string> outputs;  ///< files and folders in the work folder that are its own; removed before it runs
  std::function<StageOutcome()> run;
  /// For tables with the run's id in them: writes them again under a new id. Empty: nothing carries the id.
  std::function<std::vector<WrittenFile>()> restamp;
};

/// What a stage will need at its peak.
struct PlannedBytes {
  std::int64_t host = 0, device = 0;
};

/// Runs stages when their result is missing, stale or damaged, and keeps it otherwise. After every stage the state is
/// saved, so that a program that is killed goes on where it was.
class StageRunner {
 public:
  /// @param keep  false: nothing that was done before is kept (`resume = "never"`)
  StageRunner(std::filesystem::path work, RunReporter& reporter, bool keep);

  void add(Stage stage);
  /// Asked before a stage runs. May throw DoesNotFit.
  void plan_with(std::function<PlannedBytes(const std::string& stage)> planned) { planned_ = std::move(planned); }
  /// Makes the stage's result stand, and first those of the stages it needs.
  void bring(const std::string& name);
  /// Runs a stage although its record says that it stands: its file turned out to be damaged.
  void rebuild(const std::string& name, const std::string& why);

  /// Takes the files of a stage as they are now; for the one who has just changed them.
  void look_again(const std::string& name);

  std::string key(const std::string& name) const;
  /// Whether the result stands as it is, judged by the record only (no file is opened).
  bool stands(const std::string& name) const;
  bool was_kept(const std::string& name) const { return kept_.contains(name); }
  const StageRecord& record(const std::string& name) const { return state_.stages.at(name); }
  WorkState& state() { return state_; }
  void save() const { state_.save(work_ / "state.json"); }
  const std::filesystem::path& work() const { return work_; }

 private:
  std::string damaged_file(StageRecord& record) const;
  bool can_keep(const Stage& stage);
  void perform(const Stage& stage);
  void restamp(const Stage& stage);
  std::vector<StageFile> look_at_files(const std::vector<WrittenFile>& files) const;

  std::filesystem::path work_;
  RunReporter& reporter_;
  bool keep_;
  std::function<PlannedBytes(const std::string& stage)> planned_ = [](const std::string&) { return PlannedBytes{}; };
  std::map<std::string, Stage> stages_;
  WorkState state_;
  std::set<std::string> done_, kept_;
};

}  // namespace nextbest
