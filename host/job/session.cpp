#include "host/job/session.hpp"

#include <chrono>

#include <sched.h>

#include "host/check/check.hpp"
#include "host/ingest/discover.hpp"
#include "host/job/interrupt.hpp"
#include "host/job/publication.hpp"
#include "host/job/stages.hpp"
#include "host/plan/device.hpp"
#include "host/plan/memory.hpp"
#include "host/store/atomic_file.hpp"
#include "kernels/core/devices.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

std::filesystem::path made(const std::filesystem::path& folder) {
  make_directories(folder);
  return folder;
}

Micros now_micros() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()).time_since_epoch().count();
}

/// Decided once, here. There is no silent fall-back: who asks for a GPU gets one or an error.
Device choose_device(const Job& job, Reporter& reporter) {
  const std::vector<cuda::Gpu> gpus = cuda::devices();
  if (job.device == DeviceChoice::kCuda) require_device(Device::kCuda);
  const bool gpu = job.device == DeviceChoice::kCuda || (job.device == DeviceChoice::kAuto && !gpus.empty());
  reporter.info("device", gpu ? "runs on " + gpus.front().name : std::string("runs on the CPU"),
                {{"asked", job.device == DeviceChoice::kAuto   ? "auto"
                           : job.device == DeviceChoice::kCuda ? "cuda"
                                                               : "cpu"},
                 {"chosen", gpu ? "cuda" : "cpu"}});
  return gpu ? Device::kCuda : Device::kCpu;
}

}  // namespace

int usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

Session::Session(const Job& job, const RunOptions& options, RunReporter& reporter)
    : job_(job),
      options_(options),
      reporter_(reporter),
      started_(now_micros()),
      out_dir_(job.out_dir),
      lock_(made(out_dir_ / "work")),
      runner_(out_dir_ / "work", reporter, job.resume),
      device_(Device::kCpu) {
  reporter.log_to(work() / "run.jsonl");
  if (run_id().empty()) runner_.state().run_id = new_run_id();
  reporter.set_run_id(run_id());
  device_ = choose_device(job, reporter);
  if (device_ == Device::kCuda) cuda::limit_device_memory(device_budget(job));
  for (const std::string& section : job.unused_sections)
    reporter.warning("setting_without_effect",
                     "[" + section + "] is part of the format, but this version does not use it yet",
                     {{"section", section}});
  for (const std::string& rule : job.check.fail_on) parse_gate_rule(rule);
  look_at_inputs();
  add_stages(*this);
  runner_.plan_with([this](const std::string& stage) {
    plan().check(stage);
    return PlannedBytes{plan().stage(stage).host_bytes, plan().stage(stage).device_bytes};
  });
}

void Session::look_at_inputs() {
  std::vector<FoundFile> files = find_files(job_.orders.path, "[input.orders] path");
  if (!job_.items.path.empty()) {
    const std::vector<FoundFile> items = find_files(job_.items.path, "[input.items] path");
    files.insert(files.end(), items.begin(), items.end());
  }
  std::map<std::string, KnownInput> known;
  std::string text;
  for (const FoundFile& file : files) {
    throw_if_interrupted();
    const FileLook look = look_at(file.path);
    const auto before = runner_.state().inputs.find(file.path);
    const bool same = before != runner_.state().inputs.end() && before->second.look == look;
    known[file.path] = {look, same ? before->second.fingerprint : fingerprint_file(file.path).fingerprint};
    inputs_.push_back({file.path, look.bytes, 0, known[file.path].fingerprint});
    text += file.path + " " + inputs_.back().fingerprint + "\n";
  }
  runner_.state().inputs = known;
  runner_.save();
  inputs_hash_ = hash_text(text);
  if (!job_.tuned_file.empty() && job_.tuned_fingerprint != inputs_hash_)
    reporter_.warning("tuned_on_other_data",
                      job_.tuned_file + ": the parameters were found on other data than these; tune again",
                      {{"tuned_on", job_.tuned_fingerprint}, {"data", inputs_hash_}});
}

void Session::begin_run() {
  if (std::filesystem::exists(out_dir_ / "runs" / run_id())) runner_.state().run_id = new_run_id();
  reporter_.set_run_id(run_id());
  runner_.save();
}

FileStamp Session::stamp(const std::string& stage) {
  return {run_id(), inputs_hash_, runner_.key(stage)};
}

Context Session::context(const std::string& unit) {
  Context ctx;
  ctx.device = device_;
  ctx.threads = job_.threads > 0 ? job_.threads : usable_cores();
  ctx.progress = [this, unit](std::int64_t done, std::int64_t of) { reporter_.progress(done, of, unit); };
  ctx.cancelled = [] { return interrupted(); };
  return ctx;
}

/// What the input files let expect. What is wrong with them is for the ingestion to say.
LogSize Session::expected_size() const {
  try {
    return estimate_size(job_);
  } catch (const DataError&) {
    return {};
  }
}

const Plan& Session::plan() {
  const auto ingest = runner_.state().stages.find("ingest");
  const bool exact = ingest != runner_.state().stages.end() && ingest->second.key == runner_.key("ingest") &&
                     ingest->second.details.contains("size");
  if (!plan_ || exact != plan_->size.exact) {
    const LogSize size = exact ? log_size_from(ingest->second.details.at("size")) : expected_size();
    plan_ = make_plan(job_, size, context("").threads);
  }
  return *plan_;
}

void Session::keep_log(OrderLog log) {
  log.keep(learnt_columns(job_));
  log_ = std::move(log);
}

const OrderLog& Session::log() {
  if (log_) return *log_;
  try {
    log_ = read_order_log(work() / "orders.h5", learnt_columns(job_));
  } catch (const DamagedFile& damage) {
    runner_.rebuild("ingest", damage.what());
  }
  return *log_;
}

}  // namespace nextbest
