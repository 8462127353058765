#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace nextbest {

/// Steps of publication, beside those of host/store/atomic_file.hpp. All throw OutputError naming path and cause.

std::string read_file(const std::filesystem::path& path);
void remove_tree(const std::filesystem::path& path);
void rename_path(const std::filesystem::path& from, const std::filesystem::path& to);
/// A copy that shares blocks with the original where the file system can, synced.
void copy_file_synced(const std::filesystem::path& from, const std::filesystem::path& to);
/// The file under another name too: from 1 MiB on a hard link where the file system can, else a copy; synced. So files
/// are replaced, never written into.
void share_file_synced(const std::filesystem::path& from, const std::filesystem::path& to);
/// Replaces the symbolic link in one step.
void replace_link(const std::filesystem::path& link, const std::filesystem::path& target);

/// SHA-256 of the content, 64 hex digits.
std::string sha256_of_file(const std::filesystem::path& path);
/// XXH3 of a text, 32 hex digits: keys, not signatures.
std::string hash_text(std::string_view text);

/// Size and time of change; bytes = -1 where there is no regular file.
struct FileLook {
  std::int64_t bytes = -1;
  std::int64_t modified_ns = 0;
  bool operator==(const FileLook&) const = default;
};
FileLook look_at(const std::filesystem::path& path);

}  // namespace nextbest
