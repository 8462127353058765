#pragma once

#include <string>
#include <vector>

#include "kernels/core/context.hpp"
#include "kernels/core/types.hpp"

namespace nextbest {

/// The size of a catalogue and what is done with it.
struct BenchParams {
  Offset items = 100'000;
  Offset lines = 0;  ///< of orders; 0: 80 per item
  std::vector<Offset> dims{64, 128};
  int k = 50;             ///< partners per item, and items per list
  Offset scored = 2'000;  ///< customers who get a list
  int rounds = 3;

  /// @throws UsageError
  void validate() const;
};

/// One operation at one size.
struct BenchResult {
  std::string operation;
  std::string size;
  double seconds = 0;  ///< median of the rounds
  double bytes = 0;    ///< that it cannot do without reading or writing, counted once per use
  double flops = 0;    ///< multiplications and additions; increments of counters
};

/// What the device can do at most, measured the same way: how fast memory is copied (bytes read and written), and how
/// fast matrices are multiplied.
struct BenchLimits {
  double copy_bytes_per_second = 0;
  double matrix_flops_per_second = 0;
};

BenchLimits measure_limits(Context& ctx, int rounds);

/// Every heavy operation on a made-up retailer (host/bench/zipf_*.hpp). Memory: some 40 bytes per line and
/// 10 dim bytes per customer and item.
std::vector<BenchResult> run_bench(Context& ctx, const BenchParams& params);

}  // namespace nextbest
