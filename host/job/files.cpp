#include "host/job/files.hpp"

#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <openssl/evp.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "host/store/atomic_file.hpp"

namespace nextbest {
namespace {

namespace fs = std::filesystem;

/// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (fd_ < 0) throw_output_error(path, errno);
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  /// Syncs and closes; both may report a write that failed late.
  void finish(const fs::path& path) {
    const bool synced = ::fsync(fd_) == 0;
    const int error = errno;
    const bool closed = ::close(std::exchange(fd_, -1)) == 0;
    if (!synced) throw_output_error(path, error);
    if (!closed) throw_output_error(path, errno);
  }

 private:
  int fd_;
};

void write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_output_error(path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// Calls use(piece) for the content of a file, piece by piece.
template <class Use>
void for_pieces(const fs::path& path, const Use& use) {
  const Descriptor in(path, O_RDONLY);
  std::vector<char> buffer(std::size_t{1} << 20);
  for (;;) {
    const ssize_t count = ::read(in.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_output_error(path, errno);
    if (count == 0) return;
    use(std::string_view(buffer.data(), static_cast<std::size_t>(count)));
  }
}

}  // namespace

std::string read_file(const fs::path& path) {
  std::string text;
  for_pieces(path, [&](std::string_view piece) { text += piece; });
  return text;
}

void remove_tree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) throw_output_error(path, error.value());
}

void rename_path(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) throw_output_error(to, error.value());
}

void copy_file_synced(const fs::path& from, const fs::path& to) {
  const Descriptor in(from, O_RDONLY);
  Descriptor out(to, O_WRONLY | O_CREAT | O_TRUNC);
  if (::ioctl(out.get(), FICLONE, in.get()) != 0)
    for_pieces(from, [&](std::string_view piece) { write_all(out.get(), piece, to); });
  out.finish(to);
}

void share_file_synced(const fs::path& from, const fs::path& to) {
  constexpr std::uintmax_t kWorthSharing = std::uintmax_t{1} << 20;
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(from, error);
  if (error || bytes < kWorthSharing || ::link(from.c_str(), to.c_str()) != 0) return copy_file_synced(from, to);
  sync_file(to);
}

void replace_link(const fs::path& link, const fs::path& target) {
  fs::path temporary = link;
  temporary += ".tmp";
  std::error_code error;
  fs::remove(temporary, error);
  fs::create_symlink(target, temporary, error);
  if (error) throw_output_error(temporary, error.value());
  rename_path(temporary, link);
  sync_directory(link.parent_path());
}

std::string sha256_of_file(const fs::path& path) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> state(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestInit_ex(state.get(), EVP_sha256(), nullptr);
  for_pieces(path, [&](std::string_view piece) { EVP_DigestUpdate(state.get(), piece.data(), piece.size()); });
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_DigestFinal_ex(state.get(), digest, &length);
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::string hash_text(std::string_view text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

FileLook look_at(const fs::path& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  return {info.st_size, std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
}

}  // namespace nextbest
