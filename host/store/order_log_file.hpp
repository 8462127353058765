#pragma once

#include <filesystem>
#include <string>

#include "host/store/order_log.hpp"
#include "kernels/core/context.hpp"

namespace nextbest {

/// Who wrote a stored file, from what. A file is reused only when `inputs_hash` and `settings_hash` still fit.
struct FileStamp {
  std::string run_id;
  std::string inputs_hash;    ///< of the input files (paths, sizes, fingerprints)
  std::string settings_hash;  ///< of the settings that the content depends on
};

/// Writes the log as HDF5 (layout: host/store/README.md) to a temporary name beside `path`, syncs, renames.
/// Chunked, Fletcher-32 checked, compressed where it pays; the same bytes for any number of threads. @throws
/// OutputError
void write_order_log(const std::filesystem::path& path, const OrderLog& log, const FileStamp& stamp,
                     const Context& ctx = {});

/// Reads back what write_order_log wrote, equal in every field but the columns of lines that are left out.
/// @throws DamagedFile truncated, checksum, not ours; DataError a newer format version than this program's
OrderLog read_order_log(const std::filesystem::path& path, KeptColumns columns = KeptColumns::kAll);

/// Only the stamp. @throws as above
FileStamp read_stamp(const std::filesystem::path& path);

}  // namespace nextbest
