#include "host/store/seal.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

#include <fmt/format.h>
#include <xxhash.h>

#include "host/store/atomic_file.hpp"
#include "host/store/h5_handle.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

constexpr std::string_view kMagic = "nextbest store";

/// XXH3 of what is named and of everything behind the seal. Leaves the stream at the end of the file.
std::uint64_t checksum_of(std::istream& file, const Seal& seal) {
  const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(), XXH3_freeState);
  XXH3_64bits_reset(state.get());
  XXH3_64bits_update(state.get(), seal.kind.data(), seal.kind.size());
  XXH3_64bits_update(state.get(), &seal.version, sizeof seal.version);
  XXH3_64bits_update(state.get(), &seal.bytes, sizeof seal.bytes);
  file.seekg(h5::kUserBlock);
  std::vector<char> buffer(std::size_t{1} << 20);
  do {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    XXH3_64bits_update(state.get(), buffer.data(), static_cast<std::size_t>(file.gcount()));
  } while (file);
  return XXH3_64bits_digest(state.get());
}

std::string seal_text(const Seal& seal) {
  const std::string text = fmt::format("{}\nkind {}\nversion {}\nbytes {}\nxxh3 {:016x}\n", kMagic, seal.kind,
                                       seal.version, seal.bytes, seal.checksum);
  return text + std::string(h5::kUserBlock - text.size(), '\n');
}

}  // namespace

void seal_file(const std::filesystem::path& path, const std::string& kind, std::int64_t version) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  if (!file) throw_output_error(path, errno);
  Seal seal{kind, version, std::filesystem::file_size(path), 0};
  seal.checksum = checksum_of(file, seal);
  if (file.bad()) throw_output_error(path, errno);
  file.clear();
  file.seekp(0);
  const std::string text = seal_text(seal);
  errno = 0;
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.flush();
  if (!file) throw_output_error(path, errno);
}

SealState check_seal(const std::filesystem::path& path, const std::string& kind, std::int64_t& version) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::array<char, h5::kUserBlock> block{};
  if (!file.is_open()) throw DamagedFile("cannot read " + path.string() + ": " + std::strerror(errno));
  file.read(block.data(), block.size());
  std::istringstream text(std::string(block.data(), static_cast<std::size_t>(file.gcount())));
  Seal seal;
  std::string magic, key;
  if (!std::getline(text, magic) || magic != kMagic) return SealState::kForeign;
  text >> key >> seal.kind >> key >> seal.version >> key >> seal.bytes >> key >> std::hex >> seal.checksum;
  if (!text) return file ? SealState::kChanged : SealState::kTruncated;
  if (seal.kind != kind) return SealState::kForeign;
  if (std::filesystem::file_size(path) < seal.bytes) return SealState::kTruncated;
  const bool whole = std::filesystem::file_size(path) == seal.bytes && checksum_of(file, seal) == seal.checksum &&
                     std::equal(block.begin(), block.end(), seal_text(seal).begin());
  version = seal.version;
  return whole ? SealState::kWhole : SealState::kChanged;
}

}  // namespace nextbest
