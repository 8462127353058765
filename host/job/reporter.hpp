#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace nextbest {

/// What a stage tells the people who watch: progress and events. Never customer ids. The implementation draws a bar on
/// a terminal, writes JSON lines otherwise, and keeps `run.jsonl`.
class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual void info(std::string_view event, std::string_view message, const nlohmann::json& fields) = 0;
  virtual void warning(std::string_view event, std::string_view message, const nlohmann::json& fields) = 0;
  /// May be called from any thread, as often as the caller likes. of <= 0: unknown.
  virtual void progress(std::int64_t done, std::int64_t of, std::string_view unit) = 0;
};

/// Says nothing; for tests.
class SilentReporter : public Reporter {
 public:
  void info(std::string_view, std::string_view, const nlohmann::json&) override {}
  void warning(std::string_view, std::string_view, const nlohmann::json&) override {}
  void progress(std::int64_t, std::int64_t, std::string_view) override {}
};

/// @throws Interrupted when SIGINT or SIGTERM has arrived; stages call it between batches
void throw_if_interrupted();

}  // namespace nextbest
