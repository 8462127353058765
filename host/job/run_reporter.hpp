#pragma once

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include <nlohmann/json.hpp>

#include "host/job/progress.hpp"
#include "host/job/reporter.hpp"

namespace spdlog {
class logger;
}

namespace nextbest {

/// The reporter of a program run. On a terminal: a progress bar and plain lines. Otherwise every event is a JSON line
/// `ts, level, run_id, stage, event, fields`, and progress one such line every few seconds. Events also go to a log
/// file. Safe to call from any thread.
class RunReporter : public Reporter {
 public:
  /// @param out  standard error, or a file in tests   @param terminal  whether somebody watches
  RunReporter(std::FILE* out, bool terminal);
  ~RunReporter() override;

  /// From now on events are appended to this file. @throws OutputError
  void log_to(const std::filesystem::path& path);
  void set_run_id(const std::string& run_id);
  void set_stage(const std::string& stage);

  void info(std::string_view event, std::string_view message, const nlohmann::json& fields) override;
  void warning(std::string_view event, std::string_view message, const nlohmann::json& fields) override;
  void error(std::string_view event, std::string_view message, const nlohmann::json& fields);
  void progress(std::int64_t done, std::int64_t of, std::string_view unit) override;

 private:
  void say(std::string_view level, std::string_view event, std::string_view message, const nlohmann::json& fields);
  nlohmann::json line(std::string_view level, std::string_view event, const nlohmann::json& fields) const;
  void clear_bar();

  std::FILE* out_;
  bool terminal_;
  bool bar_drawn_ = false;
  std::atomic<std::int64_t> next_progress_ns_{0}, last_of_{-1};
  Progress progress_;
  std::string run_id_, stage_;
  std::shared_ptr<spdlog::logger> log_;
  std::mutex mutex_;
};

/// Now, as "2026-01-31T12:34:56.789Z".
std::string timestamp_now();

}  // namespace nextbest
