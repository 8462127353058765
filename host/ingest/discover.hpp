#pragma once

#include <string>
#include <utility>
#include <vector>

#include "host/ingest/ingest.hpp"

namespace nextbest {

/// A file that belongs to a table, and what its folders say of it.
struct FoundFile {
  std::string path;
  /// Hive partitions of the path, outermost first: `dt=2026-01-31/` is {"dt", "2026-01-31"}.
  std::vector<std::pair<std::string, std::string>> partitions;
};

/// The files that `paths` name: each entry is a file, a glob (`*`, `?`, `[...]`, `{a,b}`, and `**` for any number of
/// folders) or a directory (read recursively; files whose names begin with `.` or `_` and files of other kinds are left
/// alone). Entries keep their order, the files of one entry are sorted bytewise, a file named twice counts once.
/// `what` names the job's key in messages, e.g. "[input.orders] path".
/// @throws DataError an entry that matches nothing, a file that cannot be read or is empty
std::vector<FoundFile> find_files(const std::vector<std::string>& paths, const std::string& what);

/// Size and XXH3 of the content. @throws DataError not readable
InputFile fingerprint_file(const std::string& path);

}  // namespace nextbest
