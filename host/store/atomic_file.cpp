#include "host/store/atomic_file.hpp"

#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernels/core/error.hpp"

namespace nextbest {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kSuffix = ".partial";

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string advice(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "free some space or choose another out_dir";
    case EACCES:
    case EPERM:
    case EROFS:
      return "choose an out_dir that you may write";
    case ENOTDIR:
      return "a part of the path is a file; choose another out_dir";
    default:
      return "check the disk and the path";
  }
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

void sync(const fs::path& path, int flags) {
  const Descriptor file(::open(path.c_str(), flags | O_CLOEXEC));
  if (file.get() < 0) throw_output_error(path, errno);
  // Some file systems cannot sync a folder and say EINVAL; there is nothing more to do there.
  if (::fsync(file.get()) != 0 && errno != EINVAL) throw_output_error(path, errno);
}

}  // namespace

void throw_output_error(const fs::path& path, int error) {
  const std::string cause = error == 0 ? "unknown cause" : std::strerror(error);
  throw OutputError("cannot write " + path.string() + ": " + cause + "; " + advice(error));
}

void sync_file(const fs::path& path) {
  sync(path, O_RDONLY);
}

void sync_directory(const fs::path& directory) {
  sync(directory, O_RDONLY | O_DIRECTORY);
}

void make_directories(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) throw_output_error(directory, error.value());
}

AtomicFile::AtomicFile(fs::path target) : target_(std::move(target)) {
  const fs::path folder = folder_of(target_);
  make_directories(folder);
  temporary_ = folder / fmt::format(".{}{}", target_.filename().string(), kSuffix);
  if (::access(folder.c_str(), W_OK) != 0) throw_output_error(target_, errno);
  if (::unlink(temporary_.c_str()) != 0 && errno != ENOENT) throw_output_error(temporary_, errno);
}

AtomicFile::~AtomicFile() {
  if (!committed_) ::unlink(temporary_.c_str());
}

void AtomicFile::start_sync() const {
#ifdef SYNC_FILE_RANGE_WRITE
  const Descriptor file(::open(temporary_.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() >= 0) ::sync_file_range(file.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
#endif
}

void AtomicFile::commit() {
  sync_file(temporary_);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) throw_output_error(target_, errno);
  committed_ = true;
  sync_directory(folder_of(target_));
}

void replace_file(const fs::path& target, std::string_view content) {
  AtomicFile file(target);
  {
    const Descriptor out(::open(file.temporary().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (out.get() < 0) throw_output_error(target, errno);
    while (!content.empty()) {
      const ssize_t written = ::write(out.get(), content.data(), content.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw_output_error(target, errno);
      content.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  file.commit();
}

int remove_leftovers(const fs::path& directory) {
  int removed = 0;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with('.') || !name.ends_with(kSuffix) || name.size() <= kSuffix.size() + 1) continue;
    if (::unlink(entry->path().c_str()) == 0) ++removed;
  }
  return removed;
}

}  // namespace nextbest
