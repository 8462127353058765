#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "host/job/reporter.hpp"

namespace nextbest {

/// A made-up retailer whose truth is known. What is planted: complements (bought in the same basket), follow-ups with a
/// lag, substitutes (never both in one customer's history), consumables with a cycle, quality ladders, seasons, bulk
/// buyers, returns, gifts. Popularity is Zipf's.
struct SynthParams {
  std::int64_t lines = 1'000'000;  ///< about so many; exactly determined by the seed
  std::int64_t items = 20'000;     ///< at least 100
  std::int64_t customers = 0;      ///< 0 = one per 50 lines
  std::uint64_t seed = 20240131;
  double popularity_exponent = 0.9;  ///< of Zipf's law, in [0, 2]
  int days = 730;                    ///< the span, ending on 2025-12-31
  int threads = 1;                   ///< does not change a byte of the result

  /// @throws UsageError naming the option and its range
  void validate() const;
};

struct SynthReport {
  std::int64_t lines = 0, orders = 0, customers = 0, items = 0;
  std::int64_t complements = 0, follow_ups = 0, substitutes = 0, cycles = 0, ladders = 0;  ///< planted
  std::int64_t files = 0, bytes = 0;
};

/// Writes orders/part-*.parquet, items.parquet, truth/{complements,follow_ups,substitutes,cycles,ladders}.parquet and a
/// job file job.toml that runs as it is. Customer by customer from Philox: memory is bounded by a block of customers,
/// and the bytes depend on nothing but the parameters. Columns: host/synth/README.md.
/// @throws UsageError, OutputError, Interrupted
SynthReport write_synth(const SynthParams& params, const std::filesystem::path& out_dir, Reporter& reporter);

}  // namespace nextbest
