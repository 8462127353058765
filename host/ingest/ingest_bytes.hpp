#pragma once

#include <cstdint>

namespace nextbest {

/// What the memory of an ingestion depends on.
struct IngestSize {
  std::int64_t lines = 0;  ///< of the files
  std::int64_t baskets = 0;
  std::int64_t ids = 0;       ///< distinct items, customers and orders together
  std::int64_t id_bytes = 0;  ///< characters of those that are texts
  int line_bytes =
      4 + 8 + 8;  ///< of one line in the log: item, quantity and price where given, time where lines differ
  int threads = 1;
  bool text = false;  ///< files are text
};

/// Peak resident memory of ingest() and of writing its log, the program included, in bytes.
struct IngestBytes {
  std::int64_t in_memory = 0;  ///< what it likes: all lines in memory until they are in the log
  std::int64_t spilled = 0;    ///< the least: lines wait in a file; the log itself always lies in memory
};

/// in_memory  program + ids while they are sorted + 48 bytes a line, or what comes after it if that is more
/// spilled    program + the largest of: ids while they are sorted; sorted ids and the log; the log and the matrix of
///            purchases (8 bytes a line) while they are written
/// An id takes 64 bytes while it is looked up and sorted (its value and kind, its place in a table that is half empty,
/// its rank, twice its sorting key), 25 afterwards, and its text where it is one.
IngestBytes ingest_bytes(const IngestSize& size);

/// Lines that stay in memory although they are to wait in a file.
inline constexpr std::int64_t kSpillWindow = std::int64_t{64} << 20;

}  // namespace nextbest
