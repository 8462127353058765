#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <unistd.h>

namespace nextbest::fuzz {

/// A file of this process that every input is written to; in memory where the system has such a place.
class ScratchFile {
 public:
  explicit ScratchFile(const std::string& name) {
    const bool memory = std::filesystem::is_directory("/dev/shm");
    folder_ = (memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path()) /
              ("nextbest_fuzz_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    path_ = folder_ / name;
  }
  ~ScratchFile() { std::filesystem::remove_all(folder_); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  const std::filesystem::path& path() const { return path_; }

  void write(const std::uint8_t* data, std::size_t size) const {
    std::FILE* file = std::fopen(path_.c_str(), "wb");
    if (file == nullptr || std::fwrite(data, 1, size, file) != size || std::fclose(file) != 0) std::abort();
  }

 private:
  std::filesystem::path folder_;
  std::filesystem::path path_;
};

}  // namespace nextbest::fuzz
