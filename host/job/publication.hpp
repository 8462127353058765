#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/export/table.hpp"

namespace nextbest {

/// How many runs stay under `runs/`, the published one included; older ones are removed after a publication.
inline constexpr int kKeptRuns = 5;

/// A new id: the moment in UTC and six hex digits, so that ids sort by time.
std::string new_run_id();

/// The manifest of a run's folder; empty when there is none or it cannot be read.
std::optional<nlohmann::json> manifest_of(const std::filesystem::path& run_dir);
/// `metrics.json` of the run that `latest` points to; null when there is none.
nlohmann::json published_metrics(const std::filesystem::path& out_dir);
/// Whether all files that a run's manifest lists stand with the sizes they had.
bool run_is_whole(const std::filesystem::path& run_dir, const nlohmann::json& manifest);

/// A run while it is built in `runs/.building-<id>`; it appears as `runs/<id>` with finish(), whole or not at all.
class RunFolder {
 public:
  /// Removes what killed runs have left. @throws OutputError
  RunFolder(std::filesystem::path out_dir, std::string run_id);
  /// Without finish(): removes what was built.
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  /// Brings a file of `from` into the same place of the run; see share_file_synced().
  void take(const std::filesystem::path& from, const WrittenFile& file);
  void write(const std::string& name, const std::string& text);
  /// `outputs` of manifest.json: everything that was taken or written so far, by path.
  nlohmann::json outputs() const;
  /// Writes manifest.json last, makes everything durable and renames.
  void finish(const nlohmann::json& manifest);

 private:
  std::filesystem::path out_dir_, building_;
  std::string run_id_;
  std::vector<WrittenFile> files_;
  bool finished_ = false;
};

/// Removes what killed runs left half built or half removed. Only the holder of the job's lock may call it.
void remove_unfinished_runs(const std::filesystem::path& out_dir);
/// Moves `latest` to a finished run, then removes old ones.
void publish(const std::filesystem::path& out_dir, const std::string& run_id);
/// Removes all but the published run and the newest others, kKeptRuns in all.
void remove_old_runs(const std::filesystem::path& out_dir);

}  // namespace nextbest
