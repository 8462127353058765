#include "host/job/stage_runner.hpp"

#include <chrono>

#include <fmt/format.h>

#include "host/job/memory_size.hpp"
#include "host/job/process_memory.hpp"
#include "host/store/atomic_file.hpp"
#include "host/store/order_log_file.hpp"
#include "kernels/core/devices.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

/// A stored file of a newer program is not damage: that program's work must not be thrown away. @throws DataError
void refuse_newer(const std::filesystem::path& path) {
  try {
    read_stamp(path);
  } catch (const DamagedFile&) {
    // The caller finds that out by itself.
  }
}

}  // namespace

StageRunner::StageRunner(std::filesystem::path work, RunReporter& reporter, bool keep)
    : work_(std::move(work)), reporter_(reporter), keep_(keep) {
  make_directories(work_);
  remove_leftovers(work_);
  std::string damaged;
  state_ = WorkState::load(work_ / "state.json", damaged);
  if (!damaged.empty())
    reporter_.warning("damaged_file", (work_ / "state.json").string() + " is damaged; every stage is run again",
                      {{"cause", damaged}});
}

void StageRunner::add(Stage stage) {
  const std::string name = stage.name;
  stages_.emplace(name, std::move(stage));
}

std::string StageRunner::key(const std::string& name) const {
  const Stage& stage = stages_.at(name);
  std::string text = std::string(NEXTBEST_VERSION) + "\n" + name + "\n" + stage.settings + "\n";
  for (const std::string& need : stage.needs) text += need + " " + key(need) + "\n";
  return hash_text(text);
}

bool StageRunner::stands(const std::string& name) const {
  const auto found = state_.stages.find(name);
  if (!keep_ || found == state_.stages.end() || found->second.key != key(name)) return false;
  for (const StageFile& file : found->second.files)
    if (look_at(work_ / file.file.path) != FileLook{file.file.bytes, file.modified_ns}) return false;
  return true;
}

/// The first file that is not as the stage left it; empty when all are. A file that was only touched is as it was.
std::string StageRunner::damaged_file(StageRecord& record) const {
  for (StageFile& file : record.files) {
    const FileLook look = look_at(work_ / file.file.path);
    if (look.bytes == file.file.bytes && look.modified_ns == file.modified_ns) continue;
    if (look.bytes >= 0 && file.file.path.ends_with(".h5")) refuse_newer(work_ / file.file.path);
    if (look.bytes != file.file.bytes || sha256_of_file(work_ / file.file.path) != file.file.sha256)
      return file.file.path;
    file.modified_ns = look.modified_ns;
  }
  return "";
}

bool StageRunner::can_keep(const Stage& stage) {
  const auto found = state_.stages.find(stage.name);
  if (!keep_ || found == state_.stages.end() || found->second.key != key(stage.name)) return false;
  const std::string damaged = damaged_file(found->second);
  if (damaged.empty()) return true;
  reporter_.warning(
      "damaged_file",
      fmt::format("{} is missing or damaged; the stage {} is run again", (work_ / damaged).string(), stage.name),
      {{"file", damaged}});
  return false;
}

void StageRunner::bring(const std::string& name) {
  if (done_.contains(name)) return;
  const Stage& stage = stages_.at(name);
  for (const std::string& need : stage.needs) bring(need);
  for (const std::string& gate : stage.after) bring(gate);
  reporter_.set_stage(name);
  if (!can_keep(stage)) {
    perform(stage);
  } else {
    kept_.insert(name);
    if (stage.restamp && state_.stages.at(name).run_id != state_.run_id) restamp(stage);
    reporter_.info("stage_kept", "kept: inputs and settings have not changed", {});
  }
  done_.insert(name);
  reporter_.set_stage("");
}

void StageRunner::rebuild(const std::string& name, const std::string& why) {
  reporter_.warning("damaged_file", fmt::format("{}; the stage {} is run again", why, name), {});
  reporter_.set_stage(name);
  perform(stages_.at(name));
  kept_.erase(name);
}

void StageRunner::perform(const Stage& stage) {
  throw_if_interrupted();
  const PlannedBytes planned = planned_(stage.name);
  if (state_.stages.erase(stage.name) > 0) save();
  for (const std::string& output : stage.outputs) remove_tree(work_ / output);
  reporter_.info("stage_started", "", {});
  release_free_memory();
  reset_peak_host_bytes();
  cuda::reset_peak_device_bytes();
  const auto start = std::chrono::steady_clock::now();

  StageOutcome outcome;
  try {
    outcome = stage.run();
  } catch (const Interrupted&) {
    throw_if_interrupted();  // a model knows that it was told to stop, not by which signal
    throw;
  }
  // An operation that was told to stop returns early, with a result that nobody may use.
  throw_if_interrupted();

  StageRecord record;
  record.key = key(stage.name);
  record.run_id = state_.run_id;
  record.files = look_at_files(outcome.files);
  record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  record.peak_host_bytes = peak_host_bytes();
  record.peak_device_bytes = cuda::peak_device_bytes();
  record.planned_host_bytes = planned.host;
  record.planned_device_bytes = planned.device;
  record.details = std::move(outcome.details);
  state_.stages[stage.name] = record;
  save();
  reporter_.info("stage_finished",
                 fmt::format("{}, peak {}", short_seconds(record.seconds), format_bytes(record.peak_host_bytes)),
                 {{"seconds", record.seconds}, {"peak_host_bytes", record.peak_host_bytes}});
}

void StageRunner::restamp(const Stage& stage) {
  StageRecord record = state_.stages.at(stage.name);
  state_.stages.erase(stage.name);
  save();
  record.files = look_at_files(stage.restamp());
  record.run_id = state_.run_id;
  state_.stages[stage.name] = std::move(record);
  save();
}

void StageRunner::look_again(const std::string& name) {
  StageRecord& record = state_.stages.at(name);
  std::vector<WrittenFile> files;
  for (const StageFile& file : record.files) {
    const bool changed = look_at(work_ / file.file.path) != FileLook{file.file.bytes, file.modified_ns};
    files.push_back({file.file.path, 0, file.file.rows, changed ? "" : file.file.sha256});
  }
  record.files = look_at_files(files);
  save();
}

std::vector<StageFile> StageRunner::look_at_files(const std::vector<WrittenFile>& files) const {
  std::vector<StageFile> looked;
  for (const WrittenFile& file : files) {
    const FileLook look = look_at(work_ / file.path);
    if (look.bytes < 0)
      throw OutputError((work_ / file.path).string() + " has vanished; somebody else works in the folder");
    StageFile entry{file, look.modified_ns};
    entry.file.bytes = look.bytes;
    if (entry.file.sha256.empty()) entry.file.sha256 = sha256_of_file(work_ / file.path);
    looked.push_back(std::move(entry));
  }
  return looked;
}

}  // namespace nextbest
