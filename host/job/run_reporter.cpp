#include "host/job/run_reporter.hpp"

#include <chrono>

#include <fmt/chrono.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kInfo = "info", kWarning = "warning", kError = "error";
constexpr auto kBarEvery = 100ms;
constexpr auto kLineEvery = 3s;

}  // namespace

std::string timestamp_now() {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(second)),
                     (now - second).count());
}

RunReporter::RunReporter(std::FILE* out, bool terminal) : out_(out), terminal_(terminal) {}

RunReporter::~RunReporter() {
  clear_bar();
}

void RunReporter::log_to(const std::filesystem::path& path) {
  try {
    log_ = std::make_shared<spdlog::logger>("run",
                                            std::make_shared<spdlog::sinks::basic_file_sink_mt>(path.string(), true));
  } catch (const spdlog::spdlog_ex& failure) {
    throw OutputError(std::string("cannot write the log: ") + failure.what());
  }
  log_->set_pattern("%v");
  log_->flush_on(spdlog::level::info);
  log_->set_error_handler([](const std::string&) {});  // a full disk is reported by what needs the space
}

void RunReporter::set_run_id(const std::string& run_id) {
  const std::lock_guard lock(mutex_);
  run_id_ = run_id;
}

void RunReporter::set_stage(const std::string& stage) {
  const std::lock_guard lock(mutex_);
  clear_bar();
  stage_ = stage;
  progress_ = Progress();
  next_progress_ns_ = 0;
}

nlohmann::json RunReporter::line(std::string_view level, std::string_view event, const nlohmann::json& fields) const {
  return {{"ts", timestamp_now()}, {"level", level}, {"run_id", run_id_},
          {"stage", stage_},       {"event", event}, {"fields", fields.is_null() ? nlohmann::json::object() : fields}};
}

void RunReporter::clear_bar() {
  if (bar_drawn_) std::fputs("\r\x1b[K", out_);
  bar_drawn_ = false;
}

void RunReporter::say(std::string_view level, std::string_view event, std::string_view message,
                      const nlohmann::json& fields) {
  nlohmann::json all = fields.is_object() ? fields : nlohmann::json::object();
  if (!message.empty()) all["message"] = message;
  const std::lock_guard lock(mutex_);
  const std::string text = line(level, event, all).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (log_) log_->info("{}", text);
  if (!terminal_) {
    fmt::print(out_, "{}\n", text);
  } else if (!message.empty() && level != kError && (level != kInfo || event.starts_with("stage_"))) {
    // A terminal shows what the stages came to and what is odd; the rest is in the log. Errors are told by main.
    clear_bar();
    const std::string mark = level == kInfo ? "" : std::string(level) + ": ";
    fmt::print(out_, "{:<10}{}{}\n", stage_, mark, message);
  }
  std::fflush(out_);
}

void RunReporter::info(std::string_view event, std::string_view message, const nlohmann::json& fields) {
  say(kInfo, event, message, fields);
}

void RunReporter::warning(std::string_view event, std::string_view message, const nlohmann::json& fields) {
  say(kWarning, event, message, fields);
}

void RunReporter::error(std::string_view event, std::string_view message, const nlohmann::json& fields) {
  say(kError, event, message, fields);
}

void RunReporter::progress(std::int64_t done, std::int64_t of, std::string_view unit) {
  const auto now = Progress::Clock::now();
  const std::int64_t now_ns = now.time_since_epoch() / 1ns;
  // Most calls end here, without the lock; the first of a piece of work is let through so that its rate has a start.
  const bool same_piece = last_of_.exchange(of, std::memory_order_relaxed) == of && done != 0;
  if (same_piece && now_ns < next_progress_ns_.load(std::memory_order_relaxed)) return;
  const std::lock_guard lock(mutex_);
  const bool due = now_ns >= next_progress_ns_.load(std::memory_order_relaxed);
  const bool begins = next_progress_ns_.load(std::memory_order_relaxed) == 0;
  progress_.update(done, of, unit, now);
  if (!due) return;
  next_progress_ns_ = now_ns + (terminal_ ? kBarEvery / 1ns : kLineEvery / 1ns);
  if (terminal_) {
    fmt::print(out_, "\r\x1b[K{}", progress_.bar(stage_));
    bar_drawn_ = true;
    std::fflush(out_);
  } else if (!begins) {
    nlohmann::json fields = {{"done", done}, {"of", of}, {"unit", unit}, {"rate", progress_.rate()}};
    if (progress_.remaining_seconds() >= 0) fields["remaining_seconds"] = progress_.remaining_seconds();
    fmt::print(out_, "{}\n", line(kInfo, "progress", fields).dump());
    std::fflush(out_);
  }
}

}  // namespace nextbest
