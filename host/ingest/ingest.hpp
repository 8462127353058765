#pragma once

#include <string>
#include <vector>

#include "host/ingest/quality.hpp"
#include "host/job/job.hpp"
#include "host/job/reporter.hpp"
#include "host/store/order_log.hpp"

namespace nextbest {

struct InputFile {
  std::string path;  ///< as found
  std::int64_t bytes = 0;
  std::int64_t rows = 0;    ///< as read, before cleaning
  std::string fingerprint;  ///< XXH3 of the content
};

struct IngestOptions {
  std::int64_t max_bad_rows = 0;  ///< rows that cannot be read are skipped up to here ...
  std::string reject_file;        ///< ... and written here
  Micros now = kNoTime;           ///< "future" is after this; the moment the job starts
  int threads = 1;
  std::int64_t max_bytes = 0;     ///< of the process; where ingest_bytes() says more, lines wait in a file. 0: no limit
  std::vector<InputFile> inputs;  ///< what find_inputs() said, where the caller knows it already
  std::string spill_folder;       ///< for lines that memory does not hold; empty: the system's folder for such files
};

struct IngestResult {
  OrderLog log;
  QualityReport quality;
  std::vector<InputFile> inputs;
  bool text = false;  ///< orders came from text files
};

/// The files that a job's inputs name: the entries of the lists in their order, the files of a glob or folder sorted,
/// orders before catalogue; path, size and fingerprint only (rows = 0).
/// @throws DataError nothing matches, not readable
std::vector<InputFile> find_inputs(const Job& job);

/// Order files and catalogue to a clean OrderLog: read in batches (only mapped columns), ids encoded, cleaned by the
/// rules of the job, sorted, netted, baskets built; large baskets are sampled where pairs are counted, not here.
/// The result does not depend on the order of lines in the files (but for repeated_orders and duplicates = "first",
/// which go by file and row).
/// @throws DataError file, row, column, value, and what to do; GateFailed when nothing is left and a fail_on rule says
/// why
IngestResult ingest(const Job& job, const IngestOptions& options, Reporter& reporter);

}  // namespace nextbest
