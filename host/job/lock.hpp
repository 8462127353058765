#pragma once

#include <filesystem>

namespace nextbest {

/// Keeps two programs from working in one folder. The lock ends with the process, however that ends.
class FolderLock {
 public:
  /// @throws TryAgain another process has it; OutputError the folder is not writable
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int fd_;
};

}  // namespace nextbest
