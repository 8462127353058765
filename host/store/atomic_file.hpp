#pragma once

#include <filesystem>
#include <string_view>

namespace nextbest {

/// Ends in an OutputError: what was being written, why it failed (from errno), what to do.
[[noreturn]] void throw_output_error(const std::filesystem::path& path, int error);

/// Flushes a file's content to the disk. @throws OutputError
void sync_file(const std::filesystem::path& path);
/// Flushes the names in a folder to the disk: renames and new files. @throws OutputError
void sync_directory(const std::filesystem::path& directory);
/// The folder with all its parents. @throws OutputError
void make_directories(const std::filesystem::path& directory);

/// A file that appears under its name whole or not at all. It is written under a temporary name beside the target,
/// `.<name>.partial`; commit() syncs it, renames it and syncs the folder. A kill at any moment leaves the old file, the
/// new one, and perhaps the temporary one, which the next AtomicFile of that name or remove_leftovers() takes away.
/// Two writers of one target at a time must be kept apart by the caller (the job's lock).
class AtomicFile {
 public:
  /// @throws OutputError the folder cannot be made or written
  explicit AtomicFile(std::filesystem::path target);
  /// Without commit(): removes what was written.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  const std::filesystem::path& target() const { return target_; }
  const std::filesystem::path& temporary() const { return temporary_; }
  /// Lets the disk begin with what has been written, so that commit() has less to wait for. May do nothing.
  void start_sync() const;
  /// @throws OutputError; the target is then as it was
  void commit();

 private:
  std::filesystem::path target_, temporary_;
  bool committed_ = false;
};

/// Writes `content` as the whole file, as AtomicFile does. @throws OutputError
void replace_file(const std::filesystem::path& target, std::string_view content);

/// Removes the temporary files that killed runs have left directly in a folder; a folder that does not exist has none.
/// @return how many
int remove_leftovers(const std::filesystem::path& directory);

}  // namespace nextbest
