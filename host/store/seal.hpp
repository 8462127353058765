#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace nextbest {

/// The first 512 bytes of each stored file, which HDF5 leaves to us (its "user block"): what the file is, its size and
/// the XXH3 checksum of all the rest. A file that was cut or changed is recognised before HDF5 interprets a byte of it.
struct Seal {
  std::string kind;          ///< "order_log", "embeddings"
  std::int64_t version = 0;  ///< of the format of this kind
  std::uint64_t bytes = 0;
  std::uint64_t checksum = 0;
};

/// Computes and writes the seal of a closed file. @throws OutputError naming `path`
void seal_file(const std::filesystem::path& path, const std::string& kind, std::int64_t version);

enum class SealState { kWhole, kChanged, kTruncated, kForeign };

/// Reads a file through, and says whether it is what was sealed. `version` is set where it is whole.
/// @throws DamagedFile it cannot be read
SealState check_seal(const std::filesystem::path& path, const std::string& kind, std::int64_t& version);

}  // namespace nextbest
