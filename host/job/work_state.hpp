#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/export/table.hpp"
#include "host/job/files.hpp"

namespace nextbest {

/// A file that a stage left in the work folder, and how it looked then.
struct StageFile {
  WrittenFile file;  ///< path relative to the work folder
  std::int64_t modified_ns = 0;
};

/// What is known of a finished stage.
struct StageRecord {
  std::string key;     ///< hash of everything that the result depends on
  std::string run_id;  ///< under which it ran
  double seconds = 0;
  std::int64_t peak_host_bytes = 0, peak_device_bytes = 0, planned_host_bytes = 0, planned_device_bytes = 0;
  nlohmann::json details = nlohmann::json::object();
  std::vector<StageFile> files;
  /// The entry of `stages` in manifest.json.
  nlohmann::json to_json(const std::string& name) const;
};

/// An input file as it looked when its fingerprint was taken, so that an unchanged file need not be read again.
struct KnownInput {
  FileLook look;
  std::string fingerprint;
};

/// `work/state.json`: what has been done for which inputs and settings.
struct WorkState {
  std::string run_id;
  std::map<std::string, StageRecord> stages;
  std::map<std::string, KnownInput> inputs;

  /// An empty state when there is none or it cannot be understood (`damaged` says why).
  static WorkState load(const std::filesystem::path& path, std::string& damaged);
  /// @throws OutputError
  void save(const std::filesystem::path& path) const;
};

}  // namespace nextbest
