#include "host/ingest/discover.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <stdexcept>

#include <fmt/format.h>
#include <xxhash.h>

#include "host/ingest/glob.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

namespace fs = std::filesystem;

constexpr std::array kKinds = {".parquet", ".pq",  ".arrow", ".feather", ".ipc", ".arrows",
                               ".csv",     ".tsv", ".txt",   ".tab",     ".dat"};

bool is_table_file(const fs::path& path) {
  std::string extension = path.extension().string();
  if (extension == ".gz" || extension == ".zst" || extension == ".bz2") extension = path.stem().extension().string();
  return std::find(kKinds.begin(), kKinds.end(), extension) != kKinds.end();
}

bool is_hidden(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.empty() || name.front() == '.' || name.front() == '_';
}

std::vector<std::string> files_of_folder(const fs::path& folder) {
  std::vector<std::string> found;
  auto walk = fs::recursive_directory_iterator(folder, fs::directory_options::follow_directory_symlink);
  for (; walk != fs::recursive_directory_iterator(); ++walk) {
    if (is_hidden(walk->path())) {
      walk.disable_recursion_pending();
    } else if (walk->is_regular_file() && is_table_file(walk->path())) {
      found.push_back(walk->path().string());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// `%2F` → `/`, as hive writes what a folder's name cannot hold.
std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned int byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::sscanf(std::string(text.substr(i + 1, 2)).c_str(), "%2x", &byte) == 1) {
      decoded += static_cast<char>(byte);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

FoundFile with_partitions(const std::string& path) {
  FoundFile file{path, {}};
  for (const fs::path& part : fs::path(path).parent_path()) {
    const std::string name = part.string();
    const std::size_t equals = name.find('=');
    if (equals == std::string::npos || equals == 0) continue;
    file.partitions.emplace_back(percent_decoded(name.substr(0, equals)), percent_decoded(name.substr(equals + 1)));
  }
  return file;
}

std::vector<std::string> files_of_entry(const std::string& entry, const std::string& what) {
  std::error_code error;
  if (fs::is_directory(entry, error)) {
    std::vector<std::string> found;
    try {
      found = files_of_folder(entry);
    } catch (const fs::filesystem_error& failure) {
      throw DataError(fmt::format("{}: the folder \"{}\" cannot be read: {}", what, entry, failure.what()));
    }
    if (found.empty()) {
      throw DataError(fmt::format("{}: the folder \"{}\" holds no Parquet, Arrow, CSV or TSV file", what, entry));
    }
    return found;
  }
  if (fs::exists(entry, error)) return {entry};
  if (!is_glob(entry)) {
    throw DataError(fmt::format("{}: there is no file \"{}\"; check the path (relative paths start at {})", what, entry,
                                fs::current_path(error).string()));
  }
  std::vector<std::string> found = glob_files(entry);
  if (found.empty()) {
    throw DataError(fmt::format("{}: no file matches \"{}\"; check the pattern (relative paths start at {})", what,
                                entry, fs::current_path(error).string()));
  }
  return found;
}

}  // namespace

std::vector<FoundFile> find_files(const std::vector<std::string>& paths, const std::string& what) {
  std::vector<FoundFile> files;
  std::set<std::string> seen;
  for (const std::string& entry : paths) {
    for (const std::string& path : files_of_entry(entry, what)) {
      std::error_code error;
      if (fs::file_size(path, error) == 0 && !error) {
        throw DataError(
            fmt::format("{}: the file is empty (0 bytes); write it again or take it out of {}", path, what));
      }
      if (seen.insert(fs::path(path).lexically_normal().string()).second) files.push_back(with_partitions(path));
    }
  }
  return files;
}

InputFile fingerprint_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), &XXH3_freeState);
  XXH3_128bits_reset(state.get());
  std::vector<char> buffer(std::size_t{1} << 20);
  InputFile file;
  file.path = path;
  while (stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), stream.gcount() > 0) {
    XXH3_128bits_update(state.get(), buffer.data(), static_cast<std::size_t>(stream.gcount()));
    file.bytes += stream.gcount();
  }
  if (!stream.eof()) throw DataError(fmt::format("{}: the file cannot be read; check its permissions", path));
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  file.fingerprint = fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
  return file;
}

}  // namespace nextbest
