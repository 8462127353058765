#include "host/job/publication.hpp"

#include <algorithm>
#include <chrono>
#include <set>

#include <fmt/chrono.h>
#include <unistd.h>

#include "host/job/files.hpp"
#include "host/store/atomic_file.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

namespace fs = std::filesystem;

const std::string kBuilding = ".building-";

std::string published_run(const fs::path& out_dir) {
  std::error_code error;
  return fs::read_symlink(out_dir / "latest", error).filename().string();
}

std::optional<nlohmann::json> read_json(const fs::path& path) {
  if (!fs::exists(path)) return std::nullopt;
  nlohmann::json json = nlohmann::json::parse(read_file(path), nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

}  // namespace

std::string new_run_id() {
  const auto now = std::chrono::system_clock::now();
  const std::string seed = fmt::format("{} {}", now.time_since_epoch().count(), ::getpid());
  return fmt::format("{:%Y%m%dT%H%M%SZ}-{}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)),
                     hash_text(seed).substr(0, 6));
}

std::optional<nlohmann::json> manifest_of(const fs::path& run_dir) {
  return read_json(run_dir / "manifest.json");
}

nlohmann::json published_metrics(const fs::path& out_dir) {
  return read_json(out_dir / "latest" / "metrics.json").value_or(nlohmann::json());
}

bool run_is_whole(const fs::path& run_dir, const nlohmann::json& manifest) {
  const auto outputs = manifest.find("outputs");
  if (outputs == manifest.end() || !outputs->is_array()) return false;
  for (const nlohmann::json& file : *outputs)
    if (look_at(run_dir / file.value("path", "")).bytes != file.value("bytes", std::int64_t{-2})) return false;
  return true;
}

RunFolder::RunFolder(fs::path out_dir, std::string run_id) : out_dir_(std::move(out_dir)), run_id_(std::move(run_id)) {
  remove_unfinished_runs(out_dir_);
  building_ = out_dir_ / "runs" / (kBuilding + run_id_);
  make_directories(building_);
}

RunFolder::~RunFolder() {
  std::error_code ignored;
  if (!finished_) fs::remove_all(building_, ignored);
}

void RunFolder::take(const fs::path& from, const WrittenFile& file) {
  const fs::path to = building_ / file.path;
  make_directories(to.parent_path());
  share_file_synced(from / file.path, to);
  if (look_at(to).bytes != file.bytes)
    throw OutputError((from / file.path).string() + " changed while it was published; run again");
  files_.push_back(file);
}

void RunFolder::write(const std::string& name, const std::string& text) {
  replace_file(building_ / name, text);
  files_.push_back({name, static_cast<std::int64_t>(text.size()), 0, sha256_of_file(building_ / name)});
}

nlohmann::json RunFolder::outputs() const {
  std::vector<WrittenFile> files = files_;
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  nlohmann::json list = nlohmann::json::array();
  for (const WrittenFile& file : files)
    list.push_back({{"path", file.path}, {"bytes", file.bytes}, {"rows", file.rows}, {"sha256", file.sha256}});
  return list;
}

void RunFolder::finish(const nlohmann::json& manifest) {
  replace_file(building_ / "manifest.json", manifest.dump(2) + "\n");
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(building_))
    if (entry.is_directory()) sync_directory(entry.path());
  sync_directory(building_);
  rename_path(building_, out_dir_ / "runs" / run_id_);
  finished_ = true;
  sync_directory(out_dir_ / "runs");
}

void remove_unfinished_runs(const fs::path& out_dir) {
  if (!fs::exists(out_dir / "runs")) return;
  for (const fs::directory_entry& entry : fs::directory_iterator(out_dir / "runs"))
    if (entry.path().filename().string().starts_with(kBuilding)) remove_tree(entry.path());
}

void publish(const fs::path& out_dir, const std::string& run_id) {
  replace_link(out_dir / "latest", fs::path("runs") / run_id);
  remove_old_runs(out_dir);
}

void remove_old_runs(const fs::path& out_dir) {
  const std::string published = published_run(out_dir);
  std::set<std::string> others;
  for (const fs::directory_entry& entry : fs::directory_iterator(out_dir / "runs")) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() && name != published && !name.starts_with('.')) others.insert(name);
  }
  for (auto oldest = others.begin(); others.size() > kKeptRuns - 1; oldest = others.erase(oldest)) {
    // Renamed first, so that nobody reads a run that is half gone.
    const fs::path going = out_dir / "runs" / (kBuilding + *oldest);
    rename_path(out_dir / "runs" / *oldest, going);
    remove_tree(going);
  }
}

}  // namespace nextbest
